import { Buffer } from 'node:buffer';
import { performance } from 'node:perf_hooks';
import { ChunkClock } from './stream/chunk-clock';
import { Conversation } from './conversation/conversation';
import { DialectChoice } from './dialects/dialect';
import { DIALECTS, FIRST_DIALECT } from './dialects/registry';
import type { Login } from './events/requests';
import type { StratumEventSink } from './events/stratum-event';
import type { Dialect, Direction } from './events/stream';
import { LineFramer } from './stream/framing';
import { DirectionLines, LineReader, type LineWitness } from './line-reader';
import type { StreamKind } from './stream/recognition';
import { StreamHead } from './stream/stream-head';

export interface InspectorOptions {
  /** Hashes per share of difficulty 1; the algorithm is not on the wire. Default 2^32 (SHA-256d). */
  readonly hashesPerDifficulty1?: number;
  /**
   * What a number in `mining.set_target` is (one document has a target, another a difficulty).
   * Default unknown: such shares are counted, without work.
   */
  readonly numericTarget?: 'unknown' | 'difficulty';
  /** A longer line is skipped and counted. Default 131,072. */
  readonly maxLineBytes?: number;
  /** Milliseconds of a clock that never goes back. Default `performance.now`. */
  readonly now?: () => number;
}

/** How the stream is looked at: undecided yet, lines of JSON, or not at all. */
export type InspectionMode = 'undecided' | 'json' | 'http' | 'tls' | 'stratum2' | 'opaque';

/** An initiator's first act of the Noise handshake. */
const NOISE_ACT_1_BYTES = 64;
const NO_HANDSHAKE = NOISE_ACT_1_BYTES + 1;

/**
 * Looks at copies of one session's chunks and tells the sink what they say.
 *
 * Bytes only come in: nothing is held back, changed or answered here. Never keeps a view of a
 * chunk, so the caller may reuse its read buffer at once. The miner's first bytes decide what the
 * stream is; the pool's are lines until then, because some pools speak first.
 */
export class StratumInspector {
  private readonly conversation: Conversation;
  private readonly choice = new DialectChoice(DIALECTS, FIRST_DIALECT);
  private readonly reader: LineReader;
  private readonly fromMiner: LineFramer;
  private readonly fromPool: LineFramer;
  private readonly clock: ChunkClock;
  private head: StreamHead | undefined;
  private state: InspectionMode = 'undecided';
  /** Of the miner, as far as they can still be a handshake. */
  private opaqueBytes = 0;
  private closed = false;
  private isReading = false;

  constructor(
    options: InspectorOptions,
    private readonly sink: StratumEventSink,
    witness?: LineWitness,
  ) {
    const { hashesPerDifficulty1 = 2 ** 32, numericTarget = 'unknown', maxLineBytes = 131_072 } = options;
    this.clock = new ChunkClock(options.now ?? monotonicMs);
    this.conversation = new Conversation({ hashesPerDifficulty1, numericTarget }, this.clock, sink);
    this.reader = new LineReader(this.conversation, this.choice, witness);
    const up = new DirectionLines(this.reader, 'to_upstream');
    const down = new DirectionLines(this.reader, 'to_downstream');
    this.fromMiner = new LineFramer(maxLineBytes, up, up);
    this.fromPool = new LineFramer(maxLineBytes, down, down);
  }

  /** Looks at one chunk. Empty chunks are fine. `readAt`: when it came, by the clock `now`; absent: now. */
  chunk(direction: Direction, chunk: Uint8Array, readAt?: number): void {
    if (chunk.length === 0 || this.closed) return;
    const bytes = asBuffer(chunk);
    this.clock.nextChunk(readAt);
    this.isReading = true;
    if (direction === 'to_downstream') this.poolBytes(bytes);
    else if (this.state === 'json') this.fromMiner.push(bytes);
    else if (this.state === 'undecided') this.firstBytes(bytes);
    else if (this.opaqueBytes <= NOISE_ACT_1_BYTES) this.countOpaque(bytes.length);
    this.isReading = false;
  }

  /** No more comes from there: what stands behind the last LF is read as a line if it is a whole one. */
  end(direction: Direction): void {
    if (!this.closed) this.readUnfinished(direction);
  }

  /**
   * The session ended, and so did both directions: each submit still pending becomes `unanswered`, in order.
   * Idempotent.
   */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    try {
      // After a fault, which left a chunk half read, nothing more is looked at.
      if (!this.isReading) {
        this.readUnfinished('to_upstream');
        this.readUnfinished('to_downstream');
      }
    } finally {
      this.stopReading();
      this.conversation.settlement.abandonAll();
    }
  }

  /** What the session speaks, as far as it is known. */
  get dialect(): Dialect | null {
    return this.state === 'json' || this.state === 'undecided' ? this.choice.dialect : this.state;
  }

  /** Names that tried to log in, in order; at most 1,000. */
  get workers(): readonly string[] {
    return this.conversation.logins.asked.map(({ worker }) => worker);
  }

  /** What tried to log in, in order; at most 1,000. */
  get logins(): readonly Login[] {
    return this.conversation.logins.asked.map(({ login }) => login);
  }

  /** Requests of all kinds that wait for their answer. */
  get pendingCount(): number {
    return this.conversation.pending.count;
  }

  /** Submits that wait for their answer. */
  get inFlight(): number {
    return this.conversation.pending.submitCount;
  }

  /** Bytes of unfinished lines that are kept. */
  get heldBytes(): number {
    return this.fromMiner.pendingBytes + this.fromPool.pendingBytes;
  }

  get mode(): InspectionMode {
    return this.state;
  }

  /** What the next job will have; null where it is unknown. */
  get nextDifficulty(): number | null {
    return this.conversation.difficulty.next.difficulty;
  }

  get nextHashes(): number | null {
    return this.conversation.difficulty.next.hashes;
  }

  private readUnfinished(direction: Direction): void {
    const framer = direction === 'to_upstream' ? this.fromMiner : this.fromPool;
    const { unfinished } = framer;
    framer.reset();
    this.clock.nextChunk();
    if (unfinished !== undefined) this.reader.lastLine(direction, unfinished);
    else if (direction === 'to_upstream' && this.head !== undefined) this.readShortStream(this.head.rest);
  }

  /** The miner has sent so little that nothing has been decided yet. */
  private readShortStream(bytes: Buffer): void {
    this.head = undefined;
    if (this.reader.lastLine('to_upstream', bytes)) this.state = 'json';
  }

  private poolBytes(bytes: Buffer): void {
    // Whoever begins a Noise handshake waits for the answer: a pool that has spoken ends the watch.
    this.opaqueBytes = NO_HANDSHAKE;
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
    if (found.stream === 'lines' || found.stream === 'agent') {
      this.state = 'json';
      if (found.stream === 'agent') this.reader.beginAgent();
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
    if (found.stream === 'opaque') this.countOpaque(first.length + rest.length);
    else this.opaqueBytes = NO_HANDSHAKE;
  }

  /**
   * Exactly 64 bytes from the miner before the pool's first are Stratum V2 behind Noise. It is told
   * when the 64 are there and taken back if a 65th comes, so that it does not depend on how they were cut.
   */
  private countOpaque(length: number): void {
    const before = this.opaqueBytes;
    this.opaqueBytes += length;
    if (before < NOISE_ACT_1_BYTES && this.opaqueBytes >= NOISE_ACT_1_BYTES) {
      this.sink.push({ kind: 'sv2', encrypted: true });
      this.become('stratum2');
    }
    if (before <= NOISE_ACT_1_BYTES && this.opaqueBytes > NOISE_ACT_1_BYTES) this.become('opaque');
  }

  private become(stream: 'opaque' | 'stratum2'): void {
    this.state = stream;
    this.sink.push({ kind: 'dialect', dialect: stream });
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
