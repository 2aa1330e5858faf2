import type { AdmissionOptions } from './access/admission';
import type { ListenerOptions } from './listeners/listener';
import type { PoolOptions } from './pools/pool';
import type { Failback } from './pools/pool-choice';

/** What a session may take before the relay ends it. All times in milliseconds. */
export interface SessionLimits {
  /** To connect to a pool, whichever it is in the end, TLS included. */
  readonly connectionTimeoutMs: number;
  /** From accept to the miner's first byte; a PROXY header and a TLS handshake have to come within it as well. */
  readonly loginTimeoutMs: number;
  /** Silence in both directions. */
  readonly idleTimeoutMs: number;
  /** A peer that takes none of its queued bytes. */
  readonly slowPeerTimeoutMs: number;
  /** Silence of the pool, whatever the miner says. */
  readonly jobTimeoutMs: number;
  /** How long an orderly close waits for answers to shares in flight. */
  readonly closeGraceMs: number;
}

/** What happens to sessions when pools go down and come up. */
export interface FailoverOptions {
  /** `close`: the sessions of a pool that is down are closed in order; `keep`: those that hear nothing end by themselves. */
  readonly onDown: 'keep' | 'close';
  readonly failback: Failback;
  /** Over this time closes are spread, so that miners do not all come back at once. */
  readonly spreadMs: number;
  /** The longest that a miner is kept waiting, unread, while no pool is up. */
  readonly noPoolDelayMs: number;
}

/** What the relay listens on, dials, and bounds. */
export interface RelayOptions extends AdmissionOptions {
  readonly listeners: readonly ListenerOptions[];
  readonly pools: readonly PoolOptions[];
  readonly failover: FailoverOptions;
  /** Who is billed for a connection, where its listener or its address says so. */
  readonly clientOf: (connection: {
    readonly listener: string;
    readonly remoteAddress: string;
  }) => string | undefined;
  /** Sessions at one time; a connection above it is reset. */
  readonly maxConnections: number;
  /** File descriptors that this process may have; absent where it is not known. */
  readonly descriptorLimit?: number | undefined;
  readonly limits: SessionLimits;
  /** From the start of a drain until what is left is cut off. */
  readonly drainTimeoutMs: number;
  /** Goes in front of session ids, so that they are unique among many proxies. */
  readonly instanceId: string;
}
