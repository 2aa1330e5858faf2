import type { PoolView } from './pools/pool';
import type { SessionEnd, SessionIdentity, SessionView } from './session/session-tap';

/**
 * Why a connection was turned away before it became a session: too many already, too few file descriptors
 * for one more, a drain, its miner had gone before it was looked at, or on a listener with the PROXY protocol, an
 * address that may not send a header (`untrusted`) or none that could be read in time (`no_header`).
 */
export const REJECTION_CAUSES = [
  'max_connections',
  'descriptors',
  'draining',
  'gone',
  'untrusted',
  'no_header',
] as const;

export type RejectionCause = (typeof REJECTION_CAUSES)[number];

/** What the relay tells those who asked. Session-level facts only: bytes and shares go to the tap. */
export interface RelayEvents {
  /** A session begins: its pool was reached. Also where none could be: then it closes at once. */
  opened: [session: SessionView];
  /** The pool was reached after `latencyMs` of dialling it. */
  connected: [session: SessionView, latencyMs: number];
  /** A tap found out who the session is billed to. */
  identified: [session: SessionView, identity: SessionIdentity];
  closed: [session: SessionView, end: SessionEnd];
  /** A connection was turned away. */
  rejected: [cause: RejectionCause, remoteAddress: string];
  /** Somebody who looks at a session threw; the session goes on unseen. */
  fault: [session: SessionView, fault: unknown];
  /** A bound listener could not accept a connection, for one because there are too many open files. */
  listenerFault: [listener: string, error: Error];
  /** A pool is not used for new sessions any more; why, in words. */
  poolDown: [pool: PoolView, reason: string];
  poolUp: [pool: PoolView, reason: string];
  /** Files of a listener's TLS were taken over, or could not be: then those from before still hold. */
  certificate: [listener: string, fault: Error | undefined];
}
