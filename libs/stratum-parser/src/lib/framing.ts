import { Buffer } from 'node:buffer';

const LF = 0x0a;

/** Takes whole lines. The view is valid during the call only. */
export interface LineSink {
  /** One line without its LF: `bytes[start..end)`. */
  line(bytes: Buffer, start: number, end: number): void;
  /** A line passed the limit; told once, its rest is skipped up to the next LF. */
  oversize(): void;
}

/**
 * Cuts a stream at LF.
 *
 * Lines inside one chunk are handed on in place; only the unfinished tail is copied, into a buffer
 * that grows by doubling up to the limit and is let go as soon as it is empty.
 */
export class LineFramer {
  private tail: Buffer | undefined;
  private used = 0;
  private skipping = false;

  constructor(
    private readonly maxLineBytes: number,
    private readonly sink: LineSink,
  ) {}

  /** Bytes of the unfinished line that are kept. */
  get pendingBytes(): number {
    return this.used;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(LF, start);
      if (end < 0) break;
      this.finish(chunk, start, end);
      start = end + 1;
    }
    if (start < chunk.length) this.keep(chunk, start, chunk.length);
  }

  /** Forgets the unfinished line. */
  reset(): void {
    this.tail = undefined;
    this.used = 0;
    this.skipping = false;
  }

  private finish(chunk: Buffer, start: number, end: number): void {
    if (this.skipping) {
      this.skipping = false;
      return;
    }
    if (this.tail === undefined) {
      if (end - start > this.maxLineBytes) this.sink.oversize();
      else this.sink.line(chunk, start, end);
      return;
    }
    const tail = this.keep(chunk, start, end);
    const { used } = this;
    this.reset();
    if (tail !== undefined) this.sink.line(tail, 0, used);
  }

  /** Appends to the unfinished line and returns it; undefined when it is skipped for its length. */
  private keep(chunk: Buffer, start: number, end: number): Buffer | undefined {
    if (this.skipping) return undefined;
    const needed = this.used + end - start;
    if (needed > this.maxLineBytes) {
      this.reset();
      this.skipping = true;
      this.sink.oversize();
      return undefined;
    }
    this.tail = this.withRoomFor(needed);
    chunk.copy(this.tail, this.used, start, end);
    this.used = needed;
    return this.tail;
  }

  private withRoomFor(needed: number): Buffer {
    if (this.tail !== undefined && this.tail.length >= needed) return this.tail;
    const size = Math.min(
      Math.max(needed, (this.tail?.length ?? 128) * 2),
      Math.max(this.maxLineBytes, needed),
    );
    const grown = Buffer.allocUnsafeSlow(size);
    this.tail?.copy(grown, 0, 0, this.used);
    return grown;
  }
}
