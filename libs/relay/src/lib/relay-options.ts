/** What a session may take before the relay ends it. All times in milliseconds. */
export interface SessionLimits {
  /** To connect to a pool. */
  readonly connectionTimeoutMs: number;
  /** From accept to the miner's first byte. */
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

/** One bound address. Port 0 takes a free one. */
export interface ListenerOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** One upstream. */
export interface PoolOptions {
  readonly host: string;
  readonly port: number;
}

/** What the relay listens on, dials, and bounds. */
export interface RelayOptions {
  readonly listeners: readonly ListenerOptions[];
  readonly pool: PoolOptions;
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
