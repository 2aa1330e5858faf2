import type { DirectionProof } from './byte-proof';
import type { CloseReason } from './close-reason';
import type { Direction } from '../direction';

/** Who a session is billed to, once a tap has found out. */
export interface SessionIdentity {
  readonly clientId: string;
  /** The worker that the session is known by; absent where nobody logged in. */
  readonly worker?: string;
}

/** What others may know of a session. The numbers are live: read them whenever they are needed. */
export interface SessionView {
  /** Unique among all sessions of all proxies. */
  readonly id: string;
  readonly listener: string;
  /** `host:port` of the pool. */
  readonly poolHost: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Wall clock at accept, milliseconds since 1970. */
  readonly acceptedAt: number;
  /** Bytes from the miner that the operating system has taken for the pool. Never falls. */
  readonly bytesToUpstream: number;
  /** Bytes from the pool that it has taken for the miner, likewise. */
  readonly bytesToDownstream: number;
  /** Milliseconds since accept; stands still after the close. */
  readonly durationMs: number;
}

/** How a session ended. */
export interface SessionEnd {
  readonly reason: CloseReason;
  readonly durationMs: number;
  /** Bytes read from the miner that the operating system never took for the pool. */
  readonly undeliveredToUpstream: number;
  readonly undeliveredToDownstream: number;
  /** Where its listener asks for it. */
  readonly proof?: SessionProof;
}

/** Hashes of what a session carried, comparable with a capture at either end. */
export interface SessionProof {
  readonly toUpstream: DirectionProof;
  readonly toDownstream: DirectionProof;
}

/**
 * Sees what one session carries, at the end of the turn of the event loop in which it was read and sent on, and cannot touch it.
 *
 * All calls are synchronous; a tap that has slow work queues it on its own side. What it throws is caught,
 * counted and ends its view of the chunks, never the stream.
 */
export interface SessionTap {
  /** Whether it looks at chunks at all. */
  readonly wantsChunks: boolean;
  /**
   * A chunk that has been handed to the other socket. Valid only during the call: copy what is kept. `readAt`: when it was
   * read, milliseconds of `performance.now`.
   */
  chunk(direction: Direction, chunk: Uint8Array, readAt: number): void;
  /** Shares that the pool has not answered yet; an orderly close waits for them. */
  sharesInFlight(): number;
  /** Whether the miner has spoken, and nothing of it could be understood. A stream that is not looked at is no junk. */
  isJunk(): boolean;
  /** The session is over. Called once, also after a fault. */
  closed(end: SessionEnd): void;
}

/** Makes the tap of each new session. Bound by the app: the relay knows nobody who looks. */
export interface SessionTapFactory {
  /** Called at accept. `identified` may be called once, at any time before the session is closed. */
  open(session: SessionView, identified: (identity: SessionIdentity) => void): SessionTap;
  /** All chunks of a turn of the event loop have been shown to their taps. Must not throw. */
  turnEnded(): void;
}
