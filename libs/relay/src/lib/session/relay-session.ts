import type { Socket } from 'node:net';
import type { Visitor } from '../access/admission';
import type { Direction, PeerSide } from '../direction';
import type { Pool } from '../pools/pool';
import type { SessionLimits } from '../relay-options';
import { resetSocket } from '../sockets/reset-socket';
import type { RelaySocket } from '../sockets/socket-reading';
import type { Sweeps } from '../sweeps';
import { socketFailure, type CloseReason } from './close-reason';
import { ByteProof } from './byte-proof';
import { Flow } from './flow';
import type { SessionEnd, SessionProof, SessionTap, SessionView } from './session-tap';
import type { ChunkViewer, TurnChunks } from './turn-chunks';

/**
 * `open` while bytes flow, `settling` while an orderly close waits for answers, `ending` once both streams are finished
 * by us, `closed` when both sockets are gone.
 */
export type SessionState = 'open' | 'settling' | 'ending' | 'closed';

/** What the relay wants to hear from its sessions. */
export interface SessionOwner {
  readonly limits: SessionLimits;
  readonly sweeps: Sweeps;
  readonly turnChunks: TurnChunks;
  /** Monotonic milliseconds. */
  now(): number;
  /** Both sockets are gone. Called once. */
  closed(session: RelaySession, end: SessionEnd): void;
}

/** The facts a session is born with. */
export interface SessionBirth {
  readonly id: string;
  readonly listener: string;
  readonly pool: Pool;
  readonly visitor: Visitor;
  /** Whether the bytes are to be hashed. */
  readonly proof: boolean;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Wall clock, milliseconds since 1970. */
  readonly acceptedAt: number;
  /** The same moment, monotonic. */
  readonly bornAt: number;
}

/** How long a stream that we finished may take to be finished by the peer too. */
const LINGER_MS = 1_000;

/**
 * One miner's connection and the pool connection opened for it.
 *
 * Bytes cross unchanged, when they arrive; the tap sees them at the end of that turn of the event loop and cannot hold,
 * change or lose them. A session ends once, for one reason: the first one given.
 */
export class RelaySession implements SessionView, ChunkViewer {
  readonly id: string;
  readonly listener: string;
  readonly pool: Pool;
  /** What the limits know of its miner. */
  readonly visitor: Visitor;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly acceptedAt: number;

  state: SessionState = 'open';

  private readonly bornAt: number;
  private readonly toUpstream: Flow;
  private readonly toDownstream: Flow;
  private readonly proofs: { readonly toUpstream: ByteProof; readonly toDownstream: ByteProof } | undefined;
  private tap: SessionTap | undefined;
  /** Chunks that the tap has not seen yet. */
  private unseen = 0;
  private reason: CloseReason | undefined;
  /** Whose FIN came first: the reason, if nothing else ends the session before both streams are finished. */
  private endedFirst: PeerSide | undefined;
  private openSockets = 2;
  private undelivered: readonly [toUpstream: number, toDownstream: number] | undefined;
  /** Before this moment no limit can be overstepped. */
  private lookAt = 0;
  /** When the state `settling` or `ending` has to be over. */
  private deadline: NodeJS.Timeout | undefined;
  private endedAfterMs: number | undefined;

  constructor(
    birth: SessionBirth,
    private readonly downstream: RelaySocket,
    private readonly upstream: RelaySocket,
    private readonly owner: SessionOwner,
  ) {
    this.id = birth.id;
    this.listener = birth.listener;
    this.pool = birth.pool;
    this.visitor = birth.visitor;
    this.remoteAddress = birth.remoteAddress;
    this.remotePort = birth.remotePort;
    this.acceptedAt = birth.acceptedAt;
    this.bornAt = birth.bornAt;
    this.proofs = birth.proof ? { toUpstream: new ByteProof(), toDownstream: new ByteProof() } : undefined;
    const { sweeps } = owner;
    this.toUpstream = new Flow('to_upstream', downstream, upstream, sweeps, this.proofs?.toUpstream);
    this.toDownstream = new Flow('to_downstream', upstream, downstream, sweeps, this.proofs?.toDownstream);
  }

  get poolHost(): string {
    return this.pool.poolHost;
  }

  get bytesToUpstream(): number {
    return this.toUpstream.delivered;
  }

  get bytesToDownstream(): number {
    return this.toDownstream.delivered;
  }

  get durationMs(): number {
    return this.endedAfterMs ?? this.owner.now() - this.bornAt;
  }

  /** Whether the miner has spoken, and nothing of it could be understood. */
  get isJunk(): boolean {
    return this.tap?.isJunk() ?? false;
  }

  /** Lets the bytes flow; `early` are those that the pool has sent already. */
  start(tap: SessionTap, early: readonly Buffer[]): void {
    this.tap = tap;
    this.pump(this.toUpstream, this.downstream, this.upstream.socket, 'downstream');
    this.pump(this.toDownstream, this.upstream, this.downstream.socket, 'upstream');
    for (const chunk of early) this.upstream.onChunk(chunk);
    this.upstream.socket.resume();
    this.downstream.socket.resume();
  }

  show(direction: Direction, chunk: Uint8Array, readAt: number): void {
    this.unseen -= 1;
    this.tap?.chunk(direction, chunk, readAt);
    if (this.state === 'settling') this.endIfSettled();
  }

  /** Ends the session now. The first reason given is the one that counts. */
  close(reason: CloseReason): void {
    this.finish(reason, (socket) => socket.destroy());
  }

  /** Ends the session now, for this reason also where it is being closed in order for another. */
  cutOff(reason: CloseReason): void {
    if (!this.undelivered) this.reason = reason;
    this.close(reason);
  }

  /**
   * Ends the session in order: the miner is not read from any more, and when the pool has answered the shares
   * that it was sent and the answers are delivered, or when the grace is over, both streams are finished.
   */
  closeInOrder(reason: CloseReason): void {
    if (this.state !== 'open') return;
    this.state = 'settling';
    this.lookAt = 0;
    this.reason ??= reason;
    this.downstream.socket.pause();
    this.deadline = setTimeout(() => this.endBoth(), this.owner.limits.closeGraceMs);
    this.endIfSettled();
  }

  /**
   * Holds the session against its limits. Called at a regular pace for every session: nearly always nothing can have
   * happened to it, which is to be seen at once.
   */
  sweep(now: number): void {
    if (now < this.lookAt) return;
    if (this.state === 'settling') this.endIfSettled();
    if (this.state !== 'open') return;
    const overdue = this.overdue(now);
    if (overdue) this.close(overdue);
    else this.lookAt = this.mayWait ? 0 : this.dueAt();
  }

  /** Long after the sweep at `before` the next one begins: what came in between may have come just now. */
  sweepWasLate(before: number): void {
    for (const flow of [this.toUpstream, this.toDownstream]) {
      if (flow.activeAt === before) flow.activeAt = this.owner.sweeps.lastAt;
    }
  }

  /** The limits are other ones from now on. */
  limitsChanged(): void {
    this.lookAt = 0;
  }

  private overdue(now: number): CloseReason | undefined {
    const { slowPeerTimeoutMs } = this.owner.limits;
    for (const flow of [this.toUpstream, this.toDownstream]) {
      if (flow.mayWait && flow.stalledMs(now) >= slowPeerTimeoutMs)
        return { side: flow.receiver, code: 'SLOW_PEER' };
    }
    if (now >= this.loginDueAt) return { side: 'downstream', code: 'LOGIN_TIMEOUT' };
    if (now >= this.idleDueAt) return { side: 'relay', code: 'IDLE_TIMEOUT' };
    if (now >= this.jobDueAt) return { side: 'upstream', code: 'POOL_SILENT' };
    return undefined;
  }

  private dueAt(): number {
    return Math.min(this.loginDueAt, this.idleDueAt, this.jobDueAt);
  }

  private get loginDueAt(): number {
    return this.toUpstream.bytesRead > 0 ? Infinity : this.bornAt + this.owner.limits.loginTimeoutMs;
  }

  private get idleDueAt(): number {
    const activeAt = Math.max(this.toUpstream.activeAt, this.toDownstream.activeAt);
    return this.owner.sweeps.after(activeAt) + this.owner.limits.idleTimeoutMs;
  }

  private get jobDueAt(): number {
    return this.owner.sweeps.after(this.toDownstream.activeAt) + this.owner.limits.jobTimeoutMs;
  }

  private get mayWait(): boolean {
    return this.toUpstream.mayWait || this.toDownstream.mayWait;
  }

  /** Moves bytes one way. Called twice, so that the two directions cannot differ. */
  private pump(flow: Flow, from: RelaySocket, to: Socket, side: PeerSide): void {
    from.onChunk = (chunk) => {
      // Chunks that a socket had read ahead may still come out of it after its end, which was settled then.
      if (this.undelivered) return;
      if (!flow.send(chunk)) return;
      if (flow.mayWait) this.lookAt = 0;
      if (this.tap?.wantsChunks === true) {
        this.unseen += 1;
        this.owner.turnChunks.add(this, flow.direction, chunk);
      } else if (this.state === 'settling') this.endIfSettled();
    };
    to.on('drain', () => {
      flow.drained();
      if (this.state === 'settling') this.holdMiner();
    });
    from.socket.on('end', () => this.streamEnded(flow, side));
    // A socket that was read for its header or its handshake may have told its end while the pool was dialled.
    if (from.socket.readableEnded) this.streamEnded(flow, side);
    from.socket.on('error', (error) => this.failed(side, error));
    from.socket.on('close', () => this.socketClosed());
  }

  private streamEnded(flow: Flow, side: PeerSide): void {
    this.endedFirst ??= side;
    // A stream that we finished ourselves is finished already.
    if (this.state === 'ending') return;
    flow.end();
    // A pool that has finished its stream answers no more shares.
    if (this.state === 'settling' && side === 'upstream') this.endBoth();
  }

  private failed(side: PeerSide, error: Error): void {
    // Both streams are finished: what is on its way to the other peer still arrives, a reset would destroy it.
    if (this.state === 'ending') return;
    const reason = socketFailure(side, error);
    // A reset travels on as a reset; the socket that failed is destroyed already.
    this.finish(reason, (socket) => (reason.code === 'RESET' ? resetSocket(socket) : socket.destroy()));
  }

  private finish(reason: CloseReason, end: (socket: Socket) => void): void {
    if (this.state === 'closed') return;
    this.reason ??= reason;
    this.undelivered ??= [this.toUpstream.undelivered, this.toDownstream.undelivered];
    for (const { socket } of [this.downstream, this.upstream]) {
      if (!socket.destroyed) end(socket);
    }
  }

  /** A receiver's drain would let its source go on; in an orderly close the miner stays unread. */
  private holdMiner(): void {
    this.downstream.socket.pause();
    this.endIfSettled();
  }

  private endIfSettled(): void {
    if (this.state !== 'settling') return;
    // What has not been seen may be a share, or the answer to one.
    if (this.unseen > 0 || !this.toUpstream.empty || !this.toDownstream.empty) return;
    if ((this.tap?.sharesInFlight() ?? 0) === 0) this.endBoth();
  }

  /**
   * Finishes both streams and reads on until the peers have finished theirs: a socket closed with unread bytes
   * is reset, and a reset can take the last answers from a miner that has not read them yet.
   */
  private endBoth(): void {
    if (this.state !== 'settling') return;
    this.state = 'ending';
    clearTimeout(this.deadline);
    this.downstream.socket.end();
    this.upstream.socket.end();
    this.toUpstream.discard();
    this.toDownstream.discard();
    this.deadline = setTimeout(() => this.close({ side: 'relay', code: 'DRAIN' }), LINGER_MS);
  }

  private socketClosed(): void {
    this.openSockets -= 1;
    if (this.openSockets > 0) return;
    this.owner.turnChunks.begin();
    if (this.unseen > 0) this.owner.turnChunks.show();
    this.undelivered ??= [this.toUpstream.undelivered, this.toDownstream.undelivered];
    clearTimeout(this.deadline);
    this.endedAfterMs = this.owner.now() - this.bornAt;
    this.state = 'closed';
    const end: SessionEnd = {
      reason: this.reason ?? this.finishedInOrder(),
      durationMs: this.endedAfterMs,
      undeliveredToUpstream: this.undelivered[0],
      undeliveredToDownstream: this.undelivered[1],
      ...(this.proofs ? { proof: this.proven(this.proofs, this.undelivered) } : {}),
    };
    this.tap?.closed(end);
    this.owner.closed(this, end);
  }

  private proven(
    { toUpstream, toDownstream }: { readonly toUpstream: ByteProof; readonly toDownstream: ByteProof },
    [leftToUpstream, leftToDownstream]: readonly [number, number],
  ): SessionProof {
    return {
      toUpstream: toUpstream.result(this.toUpstream.bytesRead - leftToUpstream),
      toDownstream: toDownstream.result(this.toDownstream.bytesRead - leftToDownstream),
    };
  }

  private finishedInOrder(): CloseReason {
    if (this.endedFirst) return { side: this.endedFirst, code: 'ENDED' };
    // Both sockets can only be gone after an end, an error or a close: this cannot be.
    return { side: 'relay', code: 'SOCKET_ERROR' };
  }
}
