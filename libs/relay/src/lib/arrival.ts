import type { Socket } from 'node:net';
import type { Visitor } from './access/admission';
import { ProxyHeaderReader, type Endpoint, type ProxyHeader } from './listeners/proxy-header';
import type { Listener } from './listeners/listener';
import type { Pool } from './pools/pool';
import type { PoolChoice } from './pools/pool-choice';
import { PoolDial, type DialResult, type Reached } from './pools/pool-dial';
import type { DialFailure } from './pools/address-dial';
import type { RejectionCause } from './relay-events';
import type { SessionLimits } from './relay-options';
import { socketFailure, type CloseReason } from './session/close-reason';
import type { SessionEnd, SessionView } from './session/session-tap';
import { withDataEvents, type RelaySocket, type SocketReading } from './sockets/socket-reading';

/** The shortest that a miner waits while no pool is up. */
const SHORTEST_PAUSE_MS = 50;

/** What the relay wants to hear of those who come. */
export interface ArrivalOwner {
  readonly limits: SessionLimits;
  readonly reading: SocketReading;
  readonly noPoolDelayMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Lets it in, now that it is known where it comes from; or says why not. */
  admit(arrival: Arrival): Visitor | RejectionCause;
  /** It was not let in; no session came of it. Its socket is gone. */
  turnedAway(arrival: Arrival, cause: RejectionCause): void;
  /** The pool was reached: a session can begin, with both sockets paused or unread. */
  served(arrival: Arrival, pool: Pool, downstream: RelaySocket, reached: Reached): void;
  /** No pool came of it, or the miner went: the session is over before it began. Its socket is gone. */
  unserved(arrival: Arrival, end: SessionEnd): void;
}

/**
 * A miner from its accept until a pool serves it: its PROXY header, its TLS handshake, and the pools that are tried for
 * it. Nothing that it says is read meanwhile, so that it notices nothing of a pool that failed.
 */
export class Arrival implements SessionView, DialResult {
  readonly acceptedAt = Date.now();
  readonly bornAt: number;
  readonly bytesToUpstream = 0;
  readonly bytesToDownstream = 0;
  /** The address that the session is known by: of the socket, or out of a PROXY header. */
  source: Endpoint;

  /** What the limits know of it, once it is let in. */
  visitor: Visitor | undefined;

  /** Out of a PROXY header. */
  private toldDestination: Endpoint | undefined;
  private pool: Pool | undefined;
  private downstream: RelaySocket | undefined;
  private dial: PoolDial | undefined;
  private readonly tried: { readonly pool: Pool; readonly failure: DialFailure }[] = [];
  private left: Pool[] = [];
  private timer: NodeJS.Timeout | undefined;
  private waiting = false;
  private deadlineAt = 0;
  private over = false;
  private endedAfterMs: number | undefined;

  constructor(
    readonly id: string,
    private readonly at: Listener,
    private readonly choice: PoolChoice,
    private readonly accepted: Socket,
    private readonly owner: ArrivalOwner,
  ) {
    this.bornAt = owner.now();
    const { remoteAddress = '', remotePort = 0 } = accepted;
    this.source = { address: plainAddress(remoteAddress), port: remotePort };
  }

  /** Where the miner connected to, likewise. Asked for by few pools: the operating system is not asked before. */
  get destination(): Endpoint {
    if (this.toldDestination) return this.toldDestination;
    const { localAddress = '', localPort = 0 } = this.accepted;
    return { address: plainAddress(localAddress), port: localPort };
  }

  get listener(): string {
    return this.at.name;
  }

  /** Whether the bytes of its session are to be hashed. */
  get proof(): boolean {
    return this.at.options.proof;
  }

  /** The pool that was tried last; where none was, the one that would have been first. */
  get poolHost(): string {
    return (this.pool ?? this.choice.pools[0])?.poolHost ?? '';
  }

  get remoteAddress(): string {
    return this.source.address;
  }

  get remotePort(): number {
    return this.source.port;
  }

  get durationMs(): number {
    return this.endedAfterMs ?? this.owner.now() - this.bornAt;
  }

  /** Takes it from the accept on. The socket is paused and unread. */
  begin(): void {
    this.accepted.on('error', this.onError).on('close', this.onClose);
    if (this.at.wantsHeader) this.readHeader();
    else if (this.isLetIn()) this.greeted(() => this.owner.reading.accept(this.accepted));
  }

  /** A pool is up again: whoever waits for one is dialled for at once. */
  poolUp(): void {
    if (this.waiting) this.choose();
  }

  /** Ends it, for a reason of ours. */
  close(reason: CloseReason): void {
    this.end(reason);
  }

  private readonly onError = (error: Error): void => {
    this.end(socketFailure('downstream', error));
  };

  private readonly onClose = (): void => this.end({ side: 'downstream', code: 'ENDED' });

  private readHeader(): void {
    const { accepted } = this;
    const reader = new ProxyHeaderReader();
    const refuse = (): void => this.turnAway('no_header');
    const deadline = setTimeout(refuse, this.owner.limits.loginTimeoutMs);
    const stop = (): void => {
      clearTimeout(deadline);
      accepted.off('data', read).off('end', refuse).off('close', stop);
    };
    // Not by `readable`: when the last of its listeners goes, Node lets the stream flow, whoever is there.
    const read = (chunk: Buffer): void => {
      let found: ReturnType<ProxyHeaderReader['push']>;
      try {
        found = reader.push(chunk);
      } catch {
        stop();
        refuse();
        return;
      }
      if (found === undefined) return;
      accepted.pause();
      stop();
      this.headed(found.header);
      if (!this.isLetIn()) return;
      if (found.rest.length > 0) accepted.unshift(found.rest);
      // Some of the stream may have been read already: only plain events take it from there.
      this.greeted(() => withDataEvents(accepted));
    };
    accepted.on('data', read).on('end', refuse).on('close', stop);
    accepted.resume();
  }

  private headed({ source, destination }: ProxyHeader): void {
    this.source = source ?? this.source;
    this.toldDestination = destination;
  }

  private isLetIn(): boolean {
    const admitted = this.owner.admit(this);
    if (typeof admitted === 'string') {
      this.turnAway(admitted);
      return false;
    }
    this.visitor = admitted;
    return true;
  }

  /** It is known who comes: now for TLS, where the listener speaks it. */
  private greeted(plain: () => RelaySocket): void {
    const { terminator } = this.at;
    if (terminator === undefined) {
      this.secured(plain());
      return;
    }
    const { accepted, owner } = this;
    const late = () =>
      this.end({
        side: 'downstream',
        code: 'TLS_HANDSHAKE',
        cause: new Error('the miner did not finish its TLS handshake within login_timeout_ms'),
      });
    this.timer = setTimeout(late, owner.limits.loginTimeoutMs - this.durationMs);
    // From here on its end is the end of the handshake.
    accepted.off('close', this.onClose).off('error', this.onError).on('error', noop);
    terminator.secure(accepted, (result) => {
      clearTimeout(this.timer);
      if ('socket' in result) this.secured(withDataEvents(result.socket));
      else {
        this.end({ side: 'downstream', ...result.fault });
      }
    });
  }

  private secured(downstream: RelaySocket): void {
    if (this.over) {
      downstream.socket.destroy();
      return;
    }
    this.downstream = downstream;
    // Else the listeners are there already.
    if (downstream.socket !== this.accepted)
      downstream.socket.on('error', this.onError).on('close', this.onClose);
    this.deadlineAt = this.owner.now() + this.owner.limits.connectionTimeoutMs;
    this.choose();
  }

  private choose(): void {
    clearTimeout(this.timer);
    this.waiting = false;
    this.left = this.choice.candidates(this.source.address);
    if (this.left.length === 0) this.wait();
    else this.next();
  }

  /** Turned away after a pause that grows while no pool is up, so that miners do not spin. */
  private wait(): void {
    const { noPoolDelayMs, limits } = this.owner;
    const grown = Math.max(SHORTEST_PAUSE_MS, this.choice.emptyFor(this.owner.now()));
    const pause = Math.min(noPoolDelayMs, limits.connectionTimeoutMs, grown);
    this.waiting = true;
    this.timer = setTimeout(() => this.noPool(), pause);
  }

  private next(): void {
    const pool = this.left.shift();
    if (pool === undefined) {
      this.noPool();
      return;
    }
    // It may have gone down while another one was tried.
    if (!pool.usable) {
      this.next();
      return;
    }
    this.pool = pool;
    const { reading, now } = this.owner;
    const { deadlineAt } = this;
    this.dial = new PoolDial(
      pool,
      { reading, now, deadlineAt, hasNext: this.left.length > 0, ends: this },
      this,
    );
    this.dial.start();
  }

  /** Called by the dial: the pool took the connection. */
  reached(reached: Reached, pool: Pool): void {
    const { downstream } = this;
    this.dial = undefined;
    pool.dialled('ok', reached.latencyMs);
    pool.connected(this.owner.now());
    for (const { pool: failed } of this.tried) failed.failovers += 1;
    if (this.over || downstream === undefined) {
      reached.upstream.socket.on('error', noop).destroy();
      return;
    }
    this.over = true;
    downstream.socket.off('error', this.onError).off('close', this.onClose);
    this.owner.served(this, pool, downstream, reached);
  }

  /** Called by the dial, likewise. */
  failed(failure: DialFailure, pool: Pool): void {
    this.dial = undefined;
    this.tried.push({ pool, failure });
    pool.dialled(failure.code);
    // What this machine lacks, no other pool would mend.
    if (failure.code === 'LOCAL_LIMIT') {
      this.end(failure);
      return;
    }
    pool.failed(wordsOf(failure), failure.cause);
    if (this.owner.now() >= this.deadlineAt) this.noPool();
    else this.next();
  }

  /** The one that was tried says why; with none or several it is the lot of them. */
  private noPool(): void {
    const [only, ...others] = this.tried;
    if (only !== undefined && others.length === 0) {
      this.end(only.failure);
      return;
    }
    const why = this.tried.map(({ pool, failure }) => `${pool.name}: ${wordsOf(failure)}`).join('; ');
    this.end({ side: 'upstream', code: 'NO_POOL', cause: new Error(why === '' ? 'no pool is up' : why) });
  }

  private turnAway(cause: RejectionCause): void {
    if (this.over) return;
    this.over = true;
    this.accepted.resetAndDestroy();
    this.owner.turnedAway(this, cause);
  }

  private end(reason: CloseReason): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    this.dial?.cancel();
    const socket = this.downstream?.socket ?? this.accepted;
    const gone = (): void => {
      this.endedAfterMs = this.owner.now() - this.bornAt;
      const { endedAfterMs: durationMs } = this;
      this.owner.unserved(this, { reason, durationMs, undeliveredToUpstream: 0, undeliveredToDownstream: 0 });
    };
    if (socket.closed) {
      gone();
      return;
    }
    socket.on('error', noop).once('close', gone);
    socket.destroy();
  }
}

/** A socket that nobody needs any more may fail. */
const noop = (): void => undefined;

/** An IPv4 address as such, also where a listener for both families shows it inside of IPv6; a header has it so, too. */
export function plainAddress(address: string): string {
  // Most are no such thing, which is to be seen without an expression.
  return address.startsWith(':') ? address.replace(/^::ffff:(?=[\d.]+$)/i, '') : address;
}

function wordsOf({ code, cause }: DialFailure): string {
  return cause === undefined ? code : `${code} (${cause.message})`;
}
