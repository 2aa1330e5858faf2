import type { DestinationStream } from 'pino';

/** Writes bytes at once and says how many were taken; throws `EAGAIN` where none can be taken now. */
export type WriteNow = (bytes: Buffer) => number;

const LONGEST_BACKLOG_BYTES = 4 * 1_048_576;
const RETRY_MS = 20;
const NOTHING = Buffer.alloc(0);

/**
 * Lines on their way to a descriptor that may be full.
 *
 * A line is written in the call that logs it, or, where the reader is behind, kept and tried again:
 * in order, and without waiting. What is kept is bounded; lines beyond that are dropped, and the next
 * line that goes through is preceded by one that says how many. `write` never throws.
 */
export class LineOutput implements DestinationStream {
  private backlog: Buffer = NOTHING;
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private dropped = 0;
  private retry: NodeJS.Timeout | undefined;
  private readerGone = false;

  constructor(private readonly writeNow: WriteNow) {}

  write(line: string): void {
    if (this.readerGone) return;
    const bytes = Buffer.from(this.dropped === 0 ? line : droppedLine(this.dropped) + line);
    if (this.backlogBytes + bytes.length > LONGEST_BACKLOG_BYTES) {
      this.dropped += 1;
      return;
    }
    this.dropped = 0;
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    if (this.retry === undefined) this.drain();
  }

  /** Writes what is kept, waiting for the reader for at most `maxMs`. For the end of the process only. */
  flush(maxMs: number): void {
    const deadline = performance.now() + maxMs;
    const never = new Int32Array(new SharedArrayBuffer(4));
    this.drain();
    while (this.backlogBytes > 0 && performance.now() < deadline) {
      Atomics.wait(never, 0, 0, 1);
      this.drain();
    }
  }

  private get backlogBytes(): number {
    return this.backlog.length + this.waitingBytes;
  }

  private drain(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    const bytes = joined(this.backlog.length === 0 ? this.waiting : [this.backlog, ...this.waiting]);
    this.waiting = [];
    this.waitingBytes = 0;
    this.backlog = bytes.subarray(this.take(bytes));
    if (this.backlog.length === 0) return;
    // Not held by the timer: an idle process may end, and `flush` is its last word.
    this.retry = setTimeout(() => this.drain(), RETRY_MS).unref();
  }

  private take(bytes: Buffer): number {
    try {
      return this.writeNow(bytes);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EAGAIN') return 0;
      this.readerGone = code === 'EPIPE';
      // A full disk, say: the line is lost, and the next one is tried anew.
      return bytes.length;
    }
  }
}

function joined(parts: readonly Buffer[]): Buffer {
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}

function droppedLine(count: number): string {
  const time = new Date().toISOString();
  return `${JSON.stringify({ level: 'warn', time, dropped: count, msg: 'log lines dropped' })}\n`;
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
