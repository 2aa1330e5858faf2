import { Buffer } from 'node:buffer';
import { ChunkClock } from './chunk-clock';
import { Conversation } from './conversation';
import type { DialectRules } from './dialect';
import { DialectChoice } from './dialect';
import { stratum1 } from './dialects/stratum1';
import type { Dialect, Direction, StratumEventSink } from './events';
import { LineFramer } from './framing';
import { DirectionLines, LineReader } from './line-reader';
import type { StreamKind } from './recognition';
import { StreamHead } from './stream-head';

export interface InspectorOptions {
  /** Hashes per share of difficulty 1; the algorithm is not on the wire. Default 2^32 (SHA-256d). */
  readonly hashesPerDifficulty1?: number;
  /** A longer line is skipped and counted. Default 131,072. */
  readonly maxLineBytes?: number;
  /** Milliseconds of a clock that never goes back. Default `performance.now`. */
  readonly now?: () => number;
}

/** How the stream is looked at: undecided yet, lines of JSON, or not at all. */
export type InspectionMode = 'undecided' | 'json' | 'http' | 'tls' | 'stratum2' | 'opaque';

const DIALECTS: readonly DialectRules[] = [stratum1];

/** An initiator's first act of the Noise handshake; it waits for the answer then. */
const NOISE_ACT_1_BYTES = 64;

/**
 * Looks at copies of one session's chunks and tells the sink what they say.
 *
 * Bytes only come in: nothing is held back, changed or answered here. Never keeps a view of a
 * chunk, so the caller may reuse its read buffer at once. The miner's first bytes decide what the
 * stream is; the pool's are lines until then, because some pools speak first.
 */
export class StratumInspector {
  private readonly conversation: Conversation;
  private readonly choice = new DialectChoice(DIALECTS, stratum1);
  private readonly fromMiner: LineFramer;
  private readonly fromPool: LineFramer;
  private readonly clock: ChunkClock;
  private head: StreamHead | undefined;
  private state: InspectionMode = 'undecided';
  private opaqueBytes = 0;
  private closed = false;

  constructor(
    options: InspectorOptions,
    private readonly sink: StratumEventSink,
  ) {
    const { hashesPerDifficulty1 = 2 ** 32, maxLineBytes = 131_072 } = options;
    this.clock = new ChunkClock(options.now ?? monotonicMs);
    this.conversation = new Conversation(hashesPerDifficulty1, this.clock, sink);
    const reader = new LineReader(this.conversation, this.choice);
    this.fromMiner = new LineFramer(maxLineBytes, new DirectionLines(reader, 'to_upstream'));
    this.fromPool = new LineFramer(maxLineBytes, new DirectionLines(reader, 'to_downstream'));
  }

  /** Looks at one chunk. Empty chunks are fine. */
  chunk(direction: Direction, chunk: Uint8Array): void {
    if (chunk.length === 0 || this.closed) return;
    const bytes = asBuffer(chunk);
    this.clock.nextChunk();
    if (this.state === 'opaque') this.watchForNoise(direction, bytes.length);
    else if (direction === 'to_downstream') this.poolBytes(bytes);
    else if (this.state === 'undecided') this.firstBytes(bytes);
    else if (this.state === 'json') this.fromMiner.push(bytes);
  }

  /** The session ended: each submit still pending becomes `unanswered`, in order. Idempotent. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.stopReading();
    this.conversation.close();
  }

  /** What the session speaks, as far as it is known. */
  get dialect(): Dialect | null {
    return this.state === 'json' || this.state === 'undecided' ? this.choice.dialect : this.state;
  }

  /** Names that tried to log in, in order; at most 1,000. */
  get workers(): readonly string[] {
    return this.conversation.logins.names;
  }

  /** Requests of all kinds that wait for their answer. */
  get pendingCount(): number {
    return this.conversation.pending.count;
  }

  /** Submits that wait for their answer. */
  get inFlight(): number {
    return this.conversation.pending.submitCount;
  }

  get mode(): InspectionMode {
    return this.state;
  }

  /** What the next job will have; null where it is unknown. */
  get nextDifficulty(): number | null {
    return this.conversation.nextDifficulty.difficulty;
  }

  get nextHashes(): number | null {
    return this.conversation.nextDifficulty.hashes;
  }

  private poolBytes(bytes: Buffer): void {
    if (this.state === 'json' || this.state === 'undecided') this.fromPool.push(bytes);
  }

  private firstBytes(bytes: Buffer): void {
    const head = (this.head ??= new StreamHead());
    let taken = 0;
    for (;;) {
      taken += head.take(bytes, taken);
      const found = head.read();
      if (found === 'more') {
        if (taken === bytes.length) return;
      } else if ('stream' in found) {
        this.head = undefined;
        this.enter(found, head.rest, bytes.subarray(taken));
        return;
      } else {
        this.sink.push(found);
      }
    }
  }

  private enter(found: StreamKind, first: Buffer, rest: Buffer): void {
    if (found.stream === 'lines') {
      this.state = 'json';
      this.fromMiner.push(first);
      this.fromMiner.push(rest);
      return;
    }
    this.stopReading();
    this.state = found.stream;
    if (found.stream === 'http') this.sink.push({ kind: 'http', method: found.method });
    if (found.stream === 'tls') this.sink.push({ kind: 'tls' });
    if (found.stream === 'stratum2') this.sink.push({ kind: 'sv2', encrypted: false });
    this.sink.push({ kind: 'dialect', dialect: found.stream });
    this.opaqueBytes = first.length + rest.length;
  }

  /** Exactly 64 bytes from the miner before the pool's first: Stratum V2 behind Noise. */
  private watchForNoise(direction: Direction, length: number): void {
    if (direction === 'to_upstream') {
      this.opaqueBytes += length;
      return;
    }
    if (this.opaqueBytes !== NOISE_ACT_1_BYTES) {
      this.opaqueBytes = Number.POSITIVE_INFINITY;
      return;
    }
    this.state = 'stratum2';
    this.sink.push({ kind: 'sv2', encrypted: true });
    this.sink.push({ kind: 'dialect', dialect: 'stratum2' });
  }

  private stopReading(): void {
    this.head = undefined;
    this.fromMiner.reset();
    this.fromPool.reset();
  }
}

function asBuffer(chunk: Uint8Array): Buffer {
  // Buffer.isBuffer walks the prototypes; the relay's chunks are all plain Buffers.
  if (chunk.constructor === Buffer || Buffer.isBuffer(chunk)) return chunk as Buffer;
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

function monotonicMs(): number {
  return performance.now();
}
