import type { PeerSide } from '../direction';

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
 * | LOCAL_LIMIT    | relay              | this machine had no descriptor, port or memory for the dial     |
 * | DIAL_TIMEOUT   | upstream           | the pool did not answer within `connection_timeout_ms`          |
 * | NO_POOL        | upstream           | no pool was up, or each of several failed (`cause` has them)    |
 * | POOL_DOWN      | upstream           | closed in order, because the pool is down (`on_down: "close"`)  |
 * | POOL_DRAINED   | relay              | closed in order, because somebody took the pool out of use      |
 * | POOL_REMOVED   | relay              | closed in order, because its pool is not configured any more    |
 * | FAILBACK       | relay              | closed in order, because a better pool is up again              |
 * | SUSPENDED      | relay              | closed in order, because its client is suspended                |
 * | CLIENT_LIMIT   | relay              | closed in order, because its client has or opens too many       |
 * | DENIED         | relay              | closed in order, because its address may not connect any more   |
 * | OPERATOR       | relay              | closed in order, because somebody asked for it by hand          |
 * | TLS_HANDSHAKE  | whose handshake    | it failed, stalled, or was none                                 |
 * | TLS_UNVERIFIED | whose certificate  | it is not the one that was expected (`cause` has both)          |
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
  | 'LOCAL_LIMIT'
  | 'DIAL_TIMEOUT'
  | 'NO_POOL'
  | 'POOL_DOWN'
  | 'POOL_DRAINED'
  | 'POOL_REMOVED'
  | 'FAILBACK'
  | 'SUSPENDED'
  | 'CLIENT_LIMIT'
  | 'DENIED'
  | 'OPERATOR'
  | 'TLS_HANDSHAKE'
  | 'TLS_UNVERIFIED'
  | 'LOGIN_TIMEOUT'
  | 'IDLE_TIMEOUT'
  | 'POOL_SILENT'
  | 'SLOW_PEER'
  | 'DRAIN'
  | 'DRAIN_DEADLINE';

/** Who can be to blame for what, so that counters can show a zero before the first time. */
export const CLOSE_KINDS: readonly { readonly side: CloseSide; readonly codes: readonly CloseCode[] }[] = [
  {
    side: 'downstream',
    codes: [
      'ENDED',
      'RESET',
      'SOCKET_ERROR',
      'LOGIN_TIMEOUT',
      'SLOW_PEER',
      'TLS_HANDSHAKE',
      'TLS_UNVERIFIED',
    ],
  },
  {
    side: 'upstream',
    codes: [
      'ENDED',
      'RESET',
      'SOCKET_ERROR',
      'DIAL_FAILED',
      'DIAL_TIMEOUT',
      'NO_POOL',
      'POOL_DOWN',
      'POOL_SILENT',
      'SLOW_PEER',
      'TLS_HANDSHAKE',
      'TLS_UNVERIFIED',
    ],
  },
  {
    side: 'relay',
    codes: [
      'LOCAL_LIMIT',
      'IDLE_TIMEOUT',
      'POOL_DRAINED',
      'POOL_REMOVED',
      'FAILBACK',
      'SUSPENDED',
      'CLIENT_LIMIT',
      'DENIED',
      'OPERATOR',
      'DRAIN',
      'DRAIN_DEADLINE',
    ],
  },
];

/** The one reason for which a session ended. `cause` is the operating system's error, where there was one. */
export interface CloseReason {
  readonly side: CloseSide;
  readonly code: CloseCode;
  readonly cause?: Error;
}

const RESET_ERRORS: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

const LOCAL_ERRORS: ReadonlySet<string | undefined> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'EADDRNOTAVAIL',
]);

/** The reason behind a dial that failed: the pool's doing, or what this machine lacked for it. */
export function dialFailure(cause: NodeJS.ErrnoException): CloseReason {
  if (LOCAL_ERRORS.has(cause.code)) return { side: 'relay', code: 'LOCAL_LIMIT', cause };
  return { side: 'upstream', code: 'DIAL_FAILED', cause };
}

/** The reason behind an error that a connected socket reported. */
export function socketFailure(side: PeerSide, cause: NodeJS.ErrnoException): CloseReason {
  return { side, code: RESET_ERRORS.has(cause.code) ? 'RESET' : 'SOCKET_ERROR', cause };
}
