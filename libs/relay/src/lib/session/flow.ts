import { TLSSocket } from 'node:tls';
import type { Direction, PeerSide } from '../direction';
import type { ByteProof } from './byte-proof';
import { queuedBytes, type RelaySocket } from '../sockets/socket-reading';
import type { Sweeps } from '../sweeps';

/**
 * One direction of a session: what is read from one socket is written to the other in the same turn.
 * When the other does not keep up, the source is paused until its queue is empty again, so that the memory
 * of a session is bounded by the queue's size and not by a peer.
 */
export class Flow {
  /** All bytes read so far. */
  bytesRead = 0;
  /** The last sweep before the last byte was read, or before the session began: monotonic milliseconds. */
  activeAt: number;
  /** Whether something may wait for the receiver. Cleared by `stalledMs`, when nothing does. */
  mayWait = false;
  /** True from the source's end of stream on. */
  ended = false;

  private held = false;
  private discarding = false;
  private discarded = 0;
  /** What `delivered` was when it was last known. */
  private knownDelivered = 0;
  private stalledAt = 0;
  private stalledSince = 0;

  constructor(
    readonly direction: Direction,
    private readonly from: RelaySocket,
    private readonly to: RelaySocket,
    /** The clock of limits. */
    private readonly sweeps: Pick<Sweeps, 'lastAt'>,
    /** Where the bytes are to be proven. */
    private readonly proof?: ByteProof,
  ) {
    this.activeAt = sweeps.lastAt;
  }

  /** Who is being written to, and is to blame for a queue that does not shrink. */
  get receiver(): PeerSide {
    return this.direction === 'to_upstream' ? 'upstream' : 'downstream';
  }

  /** Hands the chunk on. False: it came after the stream had been ended on purpose and was dropped. */
  send(chunk: Buffer): boolean {
    this.activeAt = this.sweeps.lastAt;
    this.bytesRead += chunk.length;
    this.proof?.read(chunk);
    if (this.discarding) {
      this.discarded += chunk.length;
      return false;
    }
    const { socket } = this.to;
    const mayGoOn = socket.write(chunk);
    if (socket.writableLength === 0) this.knownDelivered = this.bytesRead;
    else this.mayWait = true;
    if (!mayGoOn) this.hold();
    this.proof?.handedOn(chunk, this.delivered);
    return true;
  }

  /** The receiver's queue is empty: the source may go on. */
  drained(): void {
    this.knownDelivered = this.bytesRead - this.discarded;
    this.proof?.deliveredUpTo(this.knownDelivered);
    if (!this.held) return;
    this.held = false;
    this.from.socket.resume();
  }

  /**
   * The source sent its FIN: it travels on behind the bytes before it. A receiver that has finished its own stream and owes
   * nothing is closed at once, which sends the same FIN. In TLS there is a notice to send first.
   */
  end(): void {
    this.ended = true;
    const { socket } = this.to;
    const isDone = socket.readableEnded && this.undelivered === 0 && !(socket instanceof TLSSocket);
    if (isDone) socket.destroy();
    else socket.end();
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

  /** Milliseconds for which the receiver has taken none of the bytes queued for it. Asked by each sweep while it may wait. */
  stalledMs(now: number): number {
    if (this.empty) {
      this.stalledSince = 0;
      this.mayWait = false;
      return 0;
    }
    const { delivered } = this;
    if (delivered !== this.stalledAt || this.stalledSince === 0) {
      this.stalledAt = delivered;
      this.stalledSince = now;
    }
    return now - this.stalledSince;
  }

  /**
   * Bytes that the operating system has taken for the receiver. Never falls. Exact while the receiver's socket
   * is open; after its failure at most a queue too few, because nobody can say then what it had taken.
   */
  get delivered(): number {
    const { socket } = this.to;
    const handedOn = this.bytesRead - this.discarded;
    if (socket.writableLength === 0 && (!socket.destroyed || socket.writableFinished))
      this.knownDelivered = handedOn;
    else if (!socket.destroyed) this.knownDelivered = handedOn - queuedBytes(socket);
    return this.knownDelivered;
  }

  /** Bytes read that the operating system has not taken, as `delivered` has it. */
  get undelivered(): number {
    return this.bytesRead - this.delivered;
  }

  private hold(): void {
    this.held = true;
    this.from.socket.pause();
  }
}
