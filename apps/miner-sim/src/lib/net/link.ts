import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { LineFramer } from '@mining-proxy/stratum-parser';
import type { Random } from '../random';

const NOTHING = Buffer.alloc(0);

/** How lines are cut into writes: one each, in random pieces, several at once, or byte by byte. */
export type WriteChunking = 'whole' | 'split' | 'merge' | 'bytewise';
export const WRITE_CHUNKINGS: readonly WriteChunking[] = ['whole', 'split', 'merge', 'bytewise'];

export interface LinkOptions {
  readonly chunking: WriteChunking;
  readonly maxLineBytes: number;
  /** Reads no faster than this; undefined means as fast as bytes come. */
  readonly slowReadBytesPerSecond?: number | undefined;
  readonly random: Random;
}

export interface LinkHandler {
  /** One line without its LF. The view is valid during the call only. */
  line(bytes: Buffer, start: number, end: number): void;
  oversize(): void;
  /** The peer has sent its FIN; writing is still possible. */
  ended(): void;
  /** The socket is gone; told once. `failed` when it was not a clean end. */
  closed(failed: boolean): void;
}

/**
 * One socket with lines in, chunked writes out, and exact byte counts.
 *
 * Opened with `allowHalfOpen`, so that each side's end is its owner's decision.
 */
export class Link {
  bytesReceived = 0;
  /** Bytes handed to the socket. */
  bytesSent = 0;
  /** Of those, bytes that the operating system did not take before the end. */
  bytesUnsent = 0;
  private readonly framer: LineFramer;
  private queue = NOTHING;
  private readonly whenFlushed: (() => void)[] = [];
  private flushPlanned = false;
  private endWhenFlushed = false;
  private failed = false;
  private over = false;
  private slowTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly options: LinkOptions,
    private readonly handler: LinkHandler,
  ) {
    this.framer = new LineFramer(options.maxLineBytes, handler);
  }

  start(): void {
    const { socket, handler } = this;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.received(chunk));
    socket.on('end', () => handler.ended());
    // What went wrong shows in `closed`; a reset is an ordinary end here.
    socket.on('error', () => (this.failed = true));
    socket.on('close', () => {
      this.over = true;
      clearTimeout(this.slowTimer);
      handler.closed(this.failed);
    });
  }

  get closed(): boolean {
    return this.over || this.socket.destroyed;
  }

  /** Bytes that wait to be taken by the operating system. */
  get backlogBytes(): number {
    return this.socket.writableLength + this.queue.length;
  }

  /** False when nothing was written, because the link is ended or closed. */
  write(line: string | Buffer): boolean {
    if (this.over || this.endWhenFlushed || !this.socket.writable) return false;
    switch (this.options.chunking) {
      case 'whole':
        this.hand(line);
        break;
      case 'merge':
        this.merge(line);
        break;
      case 'split':
      case 'bytewise':
        this.queue = Buffer.concat([this.queue, typeof line === 'string' ? Buffer.from(line) : line]);
        this.planPiece();
        break;
    }
    return true;
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Calls back once, when the backlog is gone. */
  onceDrained(callback: () => void): void {
    if (this.queue.length > 0) this.whenFlushed.push(callback);
    else if (this.socket.writableNeedDrain) this.socket.once('drain', callback);
    else setImmediate(callback);
  }

  /** Sends a FIN after what was written. */
  end(): void {
    this.endWhenFlushed = true;
    if (this.queue.length === 0) this.socket.end();
  }

  /** Sends a reset; what was not yet taken is lost. Node resets nothing in TLS: there it ends without the notice of TLS. */
  reset(): void {
    if (this.socket instanceof TLSSocket) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private received(chunk: Buffer): void {
    this.bytesReceived += chunk.length;
    const rate = this.options.slowReadBytesPerSecond;
    if (rate !== undefined) {
      this.socket.pause();
      this.slowTimer = setTimeout(() => this.socket.resume(), (chunk.length * 1000) / rate);
    }
    this.framer.push(chunk);
  }

  private hand(bytes: string | Buffer): void {
    const size = typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length;
    this.bytesSent += size;
    this.socket.write(bytes, (error) => {
      if (error) this.bytesUnsent += size;
    });
  }

  private merge(line: string | Buffer): void {
    if (!this.flushPlanned) {
      this.flushPlanned = true;
      this.socket.cork();
      setImmediate(() => {
        this.flushPlanned = false;
        this.socket.uncork();
      });
    }
    this.hand(line);
  }

  /** Pieces end anywhere: inside a line, at its end, or inside the next one that already waits. */
  private pieceSize(): number {
    if (this.options.chunking === 'bytewise') return 1;
    return 1 + Math.floor(this.options.random() * this.queue.length * 0.7);
  }

  /** One piece per turn of the event loop, so that each leaves in a segment of its own. */
  private planPiece(): void {
    if (this.flushPlanned) return;
    this.flushPlanned = true;
    setImmediate(() => {
      this.flushPlanned = false;
      if (this.closed) return;
      const size = this.pieceSize();
      this.hand(this.queue.subarray(0, size));
      this.queue = this.queue.subarray(size);
      if (this.queue.length > 0) this.planPiece();
      else this.flushed();
    });
  }

  private flushed(): void {
    if (this.endWhenFlushed) this.socket.end();
    for (const callback of this.whenFlushed.splice(0)) callback();
  }
}
