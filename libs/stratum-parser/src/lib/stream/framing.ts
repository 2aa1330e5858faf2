import { Buffer } from 'node:buffer';

const LF = 0x0a;

/** Takes whole lines. The view is valid during the call only. */
export interface LineSink {
  /** One line without its LF: `bytes[start..end)`. */
  line(bytes: Buffer, start: number, end: number): void;
  /** A line passed the limit; told once, its rest is skipped up to the next LF. */
  oversize(): void;
}

/** Decides about the binary frames that BTC.com's agent writes between lines. */
export interface FrameSink {
  /** Whether what stands at the start of a line is a frame of `length` bytes, to be skipped. */
  frame(command: number, length: number): boolean;
}

/** 7f, command, length as U16 little-endian with these four bytes counted. */
export const FRAME_MARK = 0x7f;
export const FRAME_HEAD_BYTES = 4;

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
  /** Only while a frame is being passed: nearly no session has one. */
  private frame: FramePassage | undefined;

  /** Without a `frames` all is lines. */
  constructor(
    private readonly maxLineBytes: number,
    private readonly sink: LineSink,
    private readonly frames?: FrameSink,
  ) {}

  /** Bytes of the unfinished line that are kept. */
  get pendingBytes(): number {
    return this.used;
  }

  /** The unfinished line; undefined when there is none, or when it is skipped. */
  get unfinished(): Buffer | undefined {
    return this.tail?.subarray(0, this.used);
  }

  push(chunk: Buffer): void {
    this.cut(chunk, false);
  }

  /** Forgets the unfinished line. */
  reset(): void {
    this.tail = undefined;
    this.used = 0;
    this.skipping = false;
    this.frame = undefined;
  }

  /** `isLine`: the first byte is known to begin a line, whatever it looks like. */
  private cut(chunk: Buffer, isLine: boolean): void {
    let start = isLine ? this.cutLine(chunk, 0) : 0;
    while (start < chunk.length) {
      const inFrame = this.frame !== undefined || (chunk[start] === FRAME_MARK && this.mayBeginFrame());
      start = inFrame ? this.passFrame(chunk, start) : this.cutLine(chunk, start);
    }
  }

  /** Takes the bytes of one line, or what there is of it; returns the place behind. */
  private cutLine(chunk: Buffer, start: number): number {
    const end = chunk.indexOf(LF, start);
    if (end >= 0) this.finish(chunk, start, end);
    else this.keep(chunk, start, chunk.length);
    return end < 0 ? chunk.length : end + 1;
  }

  private mayBeginFrame(): boolean {
    return this.frames !== undefined && this.tail === undefined && !this.skipping;
  }

  /** Takes the bytes of a frame, or what there is of it; returns the place behind. */
  private passFrame(chunk: Buffer, start: number): number {
    const frame = (this.frame ??= { head: Buffer.allocUnsafeSlow(FRAME_HEAD_BYTES), used: 0, toSkip: 0 });
    const { head } = frame;
    if (frame.used === FRAME_HEAD_BYTES) {
      const skipped = Math.min(frame.toSkip, chunk.length - start);
      frame.toSkip -= skipped;
      if (frame.toSkip === 0) this.frame = undefined;
      return start + skipped;
    }
    const copied = chunk.copy(head, frame.used, start);
    frame.used += copied;
    if (frame.used < FRAME_HEAD_BYTES) return start + copied;
    frame.toSkip = head.readUInt16LE(2) - FRAME_HEAD_BYTES;
    if (this.frames?.frame(head.readUInt8(1), head.readUInt16LE(2)) === true) {
      if (frame.toSkip <= 0) this.frame = undefined;
    } else {
      this.frame = undefined;
      this.cut(head, true);
    }
    return start + copied;
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

interface FramePassage {
  readonly head: Buffer;
  used: number;
  toSkip: number;
}
