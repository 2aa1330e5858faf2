import type { PoolView } from './pools/pool';
import type { SessionEnd, SessionIdentity, SessionView } from './session/session-tap';

/**
 * Why a connection was turned away.
 *
 * | cause                  | when                                                                                      |
 * | ---------------------- | ----------------------------------------------------------------------------------------- |
 * | max_connections        | as many miners are here as the proxy serves                                               |
 * | descriptors            | too few file descriptors are left for one more                                            |
 * | draining               | the relay shuts down                                                                      |
 * | gone                   | its miner had gone before it was looked at                                                |
 * | untrusted              | the listener wants a PROXY header, and the address may not send one                       |
 * | no_header              | none that could be read came in time                                                      |
 * | denied                 | the address is in `deny_cidrs`, or not in `allow_cidrs`                                   |
 * | banned                 | the address has sent only junk                                                            |
 * | max_connections_per_ip | as many of its address are here as may be                                                 |
 * | connect_rate_per_ip    | its address connects too fast                                                             |
 * | connect_rate           | all together connect too fast                                                             |
 * | suspended              | its client is suspended; where only its login says so, its session is closed in order     |
 * | client_max_connections | as many of its client are here as may be; likewise                                        |
 * | client_connect_rate    | its client connects too fast; likewise                                                    |
 */
export const REJECTION_CAUSES = [
  'max_connections',
  'descriptors',
  'draining',
  'gone',
  'untrusted',
  'no_header',
  'denied',
  'banned',
  'max_connections_per_ip',
  'connect_rate_per_ip',
  'connect_rate',
  'suspended',
  'client_max_connections',
  'client_connect_rate',
] as const;

export type RejectionCause = (typeof REJECTION_CAUSES)[number];

/** Whom a rejection is about. */
export interface RejectedConnection {
  readonly listener: string;
  /** Empty where it was gone. */
  readonly remoteAddress: string;
  /** Where it is known. */
  readonly clientId: string | undefined;
}

/** What the relay tells those who asked. Session-level facts only: bytes and shares go to the tap. */
export interface RelayEvents {
  /** A session begins: its pool was reached. Also where none could be: then it closes at once. */
  opened: [session: SessionView];
  /** The pool was reached after `latencyMs` of dialling it. */
  connected: [session: SessionView, latencyMs: number];
  /** A tap found out who the session is billed to. */
  identified: [session: SessionView, identity: SessionIdentity];
  closed: [session: SessionView, end: SessionEnd];
  /** A connection was turned away, or a session is closed in order because its login says whose it is. */
  rejected: [cause: RejectionCause, connection: RejectedConnection];
  /** An address has sent only junk, and is turned away for a while. */
  banned: [address: string];
  /** Somebody who looks at a session threw; the session goes on unseen. */
  fault: [session: SessionView, fault: unknown];
  /** A bound listener could not accept a connection, for one because there are too many open files. */
  listenerFault: [listener: string, error: Error];
  /** A pool is not used for new sessions any more; why, in words. */
  poolDown: [pool: PoolView, reason: string];
  poolUp: [pool: PoolView, reason: string];
  /** Other options are in force. */
  reconfigured: [];
  /** Files of a listener's TLS were taken over, or could not be: then those from before still hold. */
  certificate: [listener: string, fault: Error | undefined];
}
