import type { PeerSide } from './direction';

/** Who ended a session: the miner, the pool, or this program by a decision of its own. */
export type CloseSide = PeerSide | 'relay';

/**
 * Why a session ended; stable names, used as a metric label and in logs.
 *
 * | code           | side               | when                                                            |
 * | -------------- | ------------------ | --------------------------------------------------------------- |
 * | ENDED          | who sent FIN first | both ends finished their streams in order                       |
 * | RESET          | who reset          | a peer reset its connection                                     |
 * | SOCKET_ERROR   | whose socket       | any other error of the operating system (`cause` has it)        |
 * | DIAL_FAILED    | upstream           | the pool could not be reached or refused                        |
 * | DIAL_TIMEOUT   | upstream           | the pool did not answer within `connection_timeout_ms`          |
 * | LOGIN_TIMEOUT  | downstream         | the miner said nothing within `login_timeout_ms` of accept      |
 * | IDLE_TIMEOUT   | relay              | no byte in either direction for `idle_timeout_ms`               |
 * | POOL_SILENT    | upstream           | the pool sent nothing for `job_timeout_ms`                      |
 * | SLOW_PEER      | who does not read  | a peer took none of its queued bytes for `slow_peer_timeout_ms` |
 * | DRAIN          | relay              | closed in order, because the relay shuts down                   |
 * | DRAIN_DEADLINE | relay              | still open when `drain_timeout_ms` was over                     |
 */
export type CloseCode =
  | 'ENDED'
  | 'RESET'
  | 'SOCKET_ERROR'
  | 'DIAL_FAILED'
  | 'DIAL_TIMEOUT'
  | 'LOGIN_TIMEOUT'
  | 'IDLE_TIMEOUT'
  | 'POOL_SILENT'
  | 'SLOW_PEER'
  | 'DRAIN'
  | 'DRAIN_DEADLINE';

/** The one reason for which a session ended. `cause` is the operating system's error, where there was one. */
export interface CloseReason {
  readonly side: CloseSide;
  readonly code: CloseCode;
  readonly cause?: Error;
}

const RESET_ERRORS: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

/** The reason behind an error that a connected socket reported. */
export function socketFailure(side: PeerSide, cause: NodeJS.ErrnoException): CloseReason {
  return { side, code: RESET_ERRORS.has(cause.code) ? 'RESET' : 'SOCKET_ERROR', cause };
}
