import type { Direction, PeerSide } from './direction';
import { queuedBytes, type RelaySocket } from './socket-reading';

/**
 * One direction of a session: what is read from one socket is written to the other in the same turn.
 * When the other does not keep up, the source is paused until its queue is empty again, so that the memory
 * of a session is bounded by the queue's size and not by a peer.
 */
export class Flow {
  /** All bytes read so far. */
  bytesRead = 0;
  /** True once a byte was read since the sweep last looked; the sweep clears it. */
  active = false;
  /** True from the source's end of stream on. */
  ended = false;

  private held = false;
  private discarding = false;
  private discarded = 0;
  /** `bytesRead` at the last moment when nothing was queued: all of that has been taken. */
  private knownDelivered = 0;
  private stalledAt = 0;
  private stalledSince = 0;

  constructor(
    readonly direction: Direction,
    private readonly from: RelaySocket,
    private readonly to: RelaySocket,
  ) {}

  /** Who is being written to, and is to blame for a queue that does not shrink. */
  get receiver(): PeerSide {
    return this.direction === 'to_upstream' ? 'upstream' : 'downstream';
  }

  /** Hands the chunk on. False: it came after the stream had been ended on purpose and was dropped. */
  send(chunk: Buffer): boolean {
    this.active = true;
    this.bytesRead += chunk.length;
    if (this.discarding) {
      this.discarded += chunk.length;
      return false;
    }
    const { socket } = this.to;
    if (!socket.write(chunk)) this.hold();
    else if (socket.writableLength === 0) this.knownDelivered = this.bytesRead;
    return true;
  }

  /** The receiver's queue is empty: the source may go on. */
  drained(): void {
    this.knownDelivered = this.bytesRead - this.discarded;
    if (!this.held) return;
    this.held = false;
    this.from.socket.resume();
  }

  /** The source sent its FIN: it travels on behind the bytes before it. */
  end(): void {
    this.ended = true;
    this.to.socket.end();
  }

  /** From now on what is still read is counted as undelivered and dropped. */
  discard(): void {
    this.discarding = true;
    this.held = false;
    this.from.socket.resume();
  }

  /** Whether everything that was handed on has been taken by the operating system. */
  get empty(): boolean {
    return this.to.socket.writableLength === 0;
  }

  /** Milliseconds for which the receiver has taken none of the bytes queued for it. Asked by the sweep. */
  stalledMs(now: number): number {
    if (this.empty) {
      this.stalledSince = now;
      return 0;
    }
    const delivered = this.bytesRead - queuedBytes(this.to.socket);
    if (delivered !== this.stalledAt || this.stalledSince === 0) {
      this.stalledAt = delivered;
      this.stalledSince = now;
    }
    return now - this.stalledSince;
  }

  /**
   * Bytes read that never reached the operating system. Exact while the receiver's socket is open; after
   * its failure at most a queue too many, because nobody can say then what it had taken.
   */
  undelivered(): number {
    const { socket } = this.to;
    if (!socket.destroyed) return queuedBytes(socket) + this.discarded;
    if (socket.writableFinished) return this.discarded;
    return this.bytesRead - this.knownDelivered;
  }

  private hold(): void {
    this.held = true;
    this.from.socket.pause();
  }
}
