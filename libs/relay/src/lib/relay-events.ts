import type { PoolView } from './relay';
import type { SessionEnd, SessionIdentity, SessionView } from './session-tap';

/**
 * Why a connection was turned away before it became a session: too many already, too few file descriptors
 * for one more, a drain, or its miner had gone before it was looked at.
 */
export const REJECTION_CAUSES = ['max_connections', 'descriptors', 'draining', 'gone'] as const;

export type RejectionCause = (typeof REJECTION_CAUSES)[number];

/** What the relay tells those who asked. Session-level facts only: bytes and shares go to the tap. */
export interface RelayEvents {
  /** A connection was accepted and its pool is being dialled. */
  opened: [session: SessionView];
  /** The pool was reached after `latencyMs`. */
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
  poolDown: [pool: PoolView];
  poolUp: [pool: PoolView];
}
