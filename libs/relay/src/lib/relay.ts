import { EventEmitter } from 'node:events';
import { randomBytes } from 'node:crypto';
import type { Server, Socket } from 'node:net';
import { Admission, type Visitor } from './access/admission';
import { Arrival, plainAddress, type ArrivalOwner } from './arrival';
import { Listener } from './listeners/listener';
import { TlsTerminator, type ListenerTls } from './listeners/tls-terminator';
import { PacedCloses } from './paced-closes';
import type { Pool, PoolView } from './pools/pool';
import { PoolChoice } from './pools/pool-choice';
import type { Reached } from './pools/pool-dial';
import { PoolSet } from './pools/pool-set';
import type { RejectionCause, RelayEvents } from './relay-events';
import type { RelayOptions, SessionLimits } from './relay-options';
import type { CloseReason } from './session/close-reason';
import { openGuarded } from './session/guard-tap';
import { RelaySession, type SessionOwner } from './session/relay-session';
import { TurnChunks } from './session/turn-chunks';
import type { SessionEnd, SessionIdentity, SessionTapFactory, SessionView } from './session/session-tap';
import { chooseReading, dataReading, type RelaySocket, type SocketReading } from './sockets/socket-reading';
import { Sweeps, sweepIntervalMs } from './sweeps';

/** `idle` before `listen`, then `listening`, `draining` from the first call of `drain`, `closed` at the end. */
export type RelayState = 'idle' | 'listening' | 'draining' | 'closed';

/** What became of the sessions that were open when a drain began. */
export interface DrainResult {
  /** Ended in order. */
  readonly closed: number;
  /** Cut off at the deadline. */
  readonly cut: number;
}

/** The part of `drain_timeout_ms` over which the closes are spread, so that miners do not all come back at once. */
const DRAIN_SPREAD = 0.7;

/** Files of certificates are looked at this often: new ones hold within a minute. */
const CERTIFICATES_EVERY_MS = 30_000;

const DESCRIPTORS_OF_A_SESSION = 2;
/** Descriptors kept free for listeners, HTTP, files and databases, however many miners come. */
const RESERVED_DESCRIPTORS = 128;

/** Sessions that a process with so many file descriptors can hold. */
export function sessionsWithin(descriptorLimit: number): number {
  return Math.max(1, Math.floor((descriptorLimit - RESERVED_DESCRIPTORS) / DESCRIPTORS_OF_A_SESSION));
}

/**
 * Accepts miners, finds a pool for each and moves bytes between the two until both are closed.
 *
 * Owns the sockets. Knows nothing of Stratum: whoever wants to look provides a `SessionTapFactory`.
 */
export class Relay implements SessionOwner, ArrivalOwner {
  /** Session-level facts. A listener's throw is its own: register only what catches. */
  readonly events = new EventEmitter<RelayEvents>();
  state: RelayState = 'idle';
  /** How sockets are read on this Node; chosen in `listen`. */
  reading: SocketReading = dataReading;

  /** Those whom no pool serves yet. */
  private readonly arrivals = new Set<Arrival>();
  private readonly sessions = new Set<RelaySession>();
  private readonly poolSet: PoolSet;
  private readonly admission: Admission;
  private readonly choices: readonly PoolChoice[];
  private readonly listeners: readonly Listener[];
  private readonly idPrefix: string;
  private readonly sessionsByDescriptors: number;
  private readonly moves = new Set<PacedCloses>();
  readonly sweeps: Sweeps;
  readonly turnChunks: TurnChunks;
  private readonly sweepEveryMs: number;
  private sweepTimer: NodeJS.Timeout | undefined;
  private certificateTimer: NodeJS.Timeout | undefined;
  private sessionCount = 0;
  private drained: Promise<DrainResult> | undefined;
  private lastSessionGone: (() => void) | undefined;

  /** Throws where a listener's certificate cannot be used. */
  constructor(
    private options: RelayOptions,
    private readonly taps: SessionTapFactory,
    readonly now: () => number = () => performance.now(),
    private readonly findReading: () => Promise<SocketReading> = chooseReading,
  ) {
    this.sessionsByDescriptors = sessionsWithin(options.descriptorLimit ?? Infinity);
    this.sweepEveryMs = sweepIntervalMs(options.limits);
    this.sweeps = new Sweeps(this.sweepEveryMs, now());
    this.turnChunks = new TurnChunks(now, () => taps.turnEnded());
    this.admission = new Admission(options, now);
    this.poolSet = new PoolSet(options.pools, {
      reading: () => this.reading,
      now,
      changed: (pool, reason) => this.poolChanged(pool, reason),
    });
    this.choices = options.listeners.map(
      ({ pools }) => new PoolChoice(this.poolSet.named(pools), options.failover.failback),
    );
    this.listeners = options.listeners.map(
      (listener, index) =>
        new Listener(
          listener,
          (socket) => this.accept(socket, index),
          (error) => this.events.emit('listenerFault', listener.name, error),
        ),
    );
    // A restart begins to count at 1 again; the random part keeps its ids apart from those before.
    this.idPrefix = `${options.instanceId}-${randomBytes(4).toString('hex')}`;
  }

  /** The bound servers, in the order of the listeners. */
  get netServers(): readonly Server[] {
    return this.listeners.map((listener) => listener.server);
  }

  get limits(): SessionLimits {
    return this.options.limits;
  }

  get noPoolDelayMs(): number {
    return this.options.failover.noPoolDelayMs;
  }

  get pools(): readonly PoolView[] {
    return this.poolSet.all;
  }

  /** Miners that are here, those without a pool yet among them. */
  get activeSessions(): number {
    return this.sessions.size + this.arrivals.size;
  }

  get maxConnections(): number {
    return this.options.maxConnections;
  }

  /** Sessions that a pool serves now. */
  get openSessions(): Iterable<SessionView> {
    return this.sessions;
  }

  /** How sockets are read on this Node; known after `listen`. */
  get readingName(): SocketReading['name'] {
    return this.reading.name;
  }

  /** When the certificates of listeners end, in milliseconds since 1970, by the listener's name. */
  get certificateExpiries(): ReadonlyMap<string, number> {
    return new Map(
      this.listeners.flatMap(({ name, terminator }): [string, number][] =>
        terminator ? [[name, terminator.expiresAt]] : [],
      ),
    );
  }

  /**
   * Binds every listener, or rejects with the first error and leaves none bound. A relay that was drained or
   * closed meanwhile stays so.
   */
  async listen(): Promise<void> {
    this.reading = await this.findReading();
    try {
      await Promise.all(this.listeners.map((listener) => listener.listen(this.reading)));
    } catch (error) {
      this.stopAccepting();
      throw error;
    }
    if (this.state !== 'idle') {
      this.stopAccepting();
      return;
    }
    this.sweeps.begin(this.now());
    this.sweepTimer = setInterval(() => this.sweep(), this.sweepEveryMs);
    this.certificateTimer = setInterval(() => this.refreshCertificates(), CERTIFICATES_EVERY_MS);
    this.poolSet.start();
    this.state = 'listening';
  }

  /**
   * Accepts no more, closes every session in order, spread over the first 70 % of `drainTimeoutMs`, and cuts
   * off what is left at the deadline. Resolves when no session is left; a second call gets the same promise.
   */
  drain(): Promise<DrainResult> {
    this.drained ??= this.startDrain();
    return this.drained;
  }

  /** Drains if that was not done, then stops. */
  async close(): Promise<void> {
    if (this.state === 'listening' || this.state === 'draining') await this.drain();
    clearInterval(this.sweepTimer);
    clearInterval(this.certificateTimer);
    this.state = 'closed';
  }

  /**
   * Takes a pool out of use by hand: it gets no new sessions, and those that it has are closed in order, spread. False
   * where no pool has the name.
   */
  drainPool(name: string): boolean {
    const pool = this.poolSet.find(name);
    if (!pool) return false;
    if (pool.setDrained(true)) this.drainedByHand(name);
    return true;
  }

  /** Takes it back into use. False where no pool has the name. */
  resumePool(name: string): boolean {
    const pool = this.poolSet.find(name);
    if (!pool) return false;
    if (pool.setDrained(false) && pool.up) this.poolOpened();
    return true;
  }

  /** Takes over files of certificates that have changed. */
  refreshCertificates(): void {
    for (const { name, terminator } of this.listeners) {
      try {
        if (terminator?.refresh()) this.events.emit('certificate', name, undefined);
      } catch (error) {
        this.events.emit('certificate', name, error as Error);
      }
    }
  }

  /** Closes one session in order. False where none that is open has the id. */
  closeSession(id: string): boolean {
    for (const session of this.sessions) {
      if (session.id !== id) continue;
      session.closeInOrder({ side: 'relay', code: 'OPERATOR' });
      return true;
    }
    return false;
  }

  /** Closes all sessions of a client in order, spread. Returns how many there are. `undefined`: of those without one. */
  closeSessionsOf(clientId: string | undefined): number {
    const reason = { side: 'relay', code: 'OPERATOR' } as const;
    return this.move((session) => session.visitor.clientId === clientId, reason);
  }

  /**
   * Takes other options over, for all that it does from now on. Sessions go on, but for those of clients that are
   * suspended, of addresses that are denied, and of pools that are gone: these are closed in order. Addresses that are
   * bound stay as they are: the listeners must be the same, by their names.
   *
   * Throws where a listener's certificate cannot be used; then nothing has changed.
   */
  reconfigure(options: RelayOptions): void {
    const terminators = options.listeners.map((listener, index) => this.terminatorFor(listener.tls, index));
    const before = this.options;
    this.options = options;
    for (const session of this.sessions) session.limitsChanged();
    const removed = this.poolSet.reconfigure(options.pools);
    options.listeners.forEach((listener, index) => {
      this.listeners[index]?.reconfigure(listener, terminators[index]);
      this.choices[index]?.reconfigure(this.poolSet.named(listener.pools), options.failover.failback);
    });
    this.admission.reconfigure(options, this.visitors());
    this.closeWhatMayNotStay(removed);
    for (const { name, enabled } of options.pools) {
      const was = before.pools.find((pool) => pool.name === name);
      if (was?.enabled === true && !enabled) this.drainedByHand(name);
    }
    if (this.state === 'listening' && this.choices.some(({ open }) => open)) this.poolOpened();
    this.events.emit('reconfigured');
  }

  admit({ listener, remoteAddress }: Arrival): Visitor | RejectionCause {
    return this.admission.enter(remoteAddress, this.options.clientOf({ listener, remoteAddress }));
  }

  turnedAway(arrival: Arrival, cause: RejectionCause): void {
    this.arrivals.delete(arrival);
    const { listener, remoteAddress } = arrival;
    const clientId = this.options.clientOf({ listener, remoteAddress });
    this.events.emit('rejected', cause, { listener, remoteAddress, clientId });
    this.goneOne();
  }

  served(
    arrival: Arrival,
    pool: Pool,
    downstream: RelaySocket,
    { upstream, early, latencyMs }: Reached,
  ): void {
    const { id, listener, visitor, proof, remoteAddress, remotePort, acceptedAt, bornAt } = arrival;
    if (!visitor) throw new Error('a miner is served that was not let in');
    const birth = { id, listener, pool, visitor, proof, remoteAddress, remotePort, acceptedAt, bornAt };
    const session = new RelaySession(birth, downstream, upstream, this);
    this.arrivals.delete(arrival);
    this.sessions.add(session);
    pool.sessions += 1;
    this.turnChunks.begin();
    // Before the tap is opened, which may identify the session at once.
    this.events.emit('opened', session);
    const tap = this.openTap(session);
    this.events.emit('connected', session, latencyMs);
    session.start(tap, early);
    // It was removed while it was dialled.
    if (pool.removed) session.closeInOrder({ side: 'relay', code: 'POOL_REMOVED' });
  }

  unserved(arrival: Arrival, end: SessionEnd): void {
    this.arrivals.delete(arrival);
    this.turnChunks.begin();
    if (arrival.visitor) this.leave(arrival.visitor, end.reason.code === 'TLS_HANDSHAKE');
    this.events.emit('opened', arrival);
    this.openTap(arrival).closed(end);
    this.events.emit('closed', arrival, end);
    this.goneOne();
  }

  closed(session: RelaySession, end: SessionEnd): void {
    this.sessions.delete(session);
    session.pool.sessions -= 1;
    if (MOVED.has(end.reason.code)) session.pool.failovers += 1;
    this.leave(session.visitor, this.admission.bans && session.isJunk);
    this.events.emit('closed', session, end);
    this.goneOne();
  }

  private accept(accepted: Socket, index: number): void {
    const listener = this.listeners[index];
    const choice = this.choices[index];
    if (!listener || !choice) return;
    const rejection = this.rejection(accepted, listener);
    if (rejection) {
      const { remoteAddress = '' } = accepted;
      this.events.emit('rejected', rejection, {
        listener: listener.name,
        remoteAddress: plainAddress(remoteAddress),
        clientId: undefined,
      });
      // Nobody else would hear of it.
      accepted.on('error', () => undefined).resetAndDestroy();
      return;
    }
    this.sessionCount += 1;
    const arrival = new Arrival(`${this.idPrefix}-${this.sessionCount}`, listener, choice, accepted, this);
    this.arrivals.add(arrival);
    arrival.begin();
  }

  private rejection(accepted: Socket, listener: Listener): RejectionCause | undefined {
    if (this.state !== 'listening') return 'draining';
    if (this.activeSessions >= this.options.maxConnections) return 'max_connections';
    if (this.activeSessions >= this.sessionsByDescriptors) return 'descriptors';
    // Reset between the kernel's accept and ours: there is no address left to speak of.
    if (accepted.remoteAddress === undefined) return 'gone';
    if (listener.wantsHeader && !listener.trusts(accepted.remoteAddress)) return 'untrusted';
    return undefined;
  }

  private openTap(session: SessionView) {
    return openGuarded(
      () => this.taps.open(session, (identity) => this.identified(session, identity)),
      (fault) => this.events.emit('fault', session, fault),
    );
  }

  private identified(session: SessionView, identity: SessionIdentity): void {
    this.events.emit('identified', session, identity);
    if (!(session instanceof RelaySession)) return;
    const { visitor, listener, remoteAddress } = session;
    const { clientId, worker } = identity;
    const refused = this.admission.identified(visitor, clientId);
    // Whoever has a name has logged in, and its pool has not refused it.
    if (worker !== undefined) this.admission.worked(visitor);
    if (refused === undefined) return;
    this.events.emit('rejected', refused, { listener, remoteAddress, clientId });
    const code = refused === 'suspended' ? 'SUSPENDED' : 'CLIENT_LIMIT';
    // Not in the midst of the chunk that named it, and before more is read.
    process.nextTick(() => session.closeInOrder({ side: 'relay', code }));
  }

  private leave(visitor: Visitor, sentJunk: boolean): void {
    const isAtWork = () => {
      for (const session of this.sessions) {
        if (session.visitor.entry === visitor.entry && session.bytesToDownstream > 0 && !session.isJunk)
          return true;
      }
      return false;
    };
    if (this.admission.left(visitor, sentJunk, isAtWork)) this.events.emit('banned', visitor.address);
  }

  private *visitors(): Iterable<Visitor> {
    for (const { visitor } of this.arrivals) if (visitor) yield visitor;
    for (const { visitor } of this.sessions) yield visitor;
  }

  /** What the listener has, where that is what is wanted; else a new one. */
  private terminatorFor(tls: ListenerTls | null, index: number): TlsTerminator | undefined {
    const listener = this.listeners[index];
    if (tls === null || !listener) return undefined;
    const same = JSON.stringify(tls) === JSON.stringify(listener.options.tls);
    if (!same || !listener.terminator) return new TlsTerminator(tls);
    listener.terminator.refresh();
    return listener.terminator;
  }

  private closeWhatMayNotStay(removed: readonly Pool[]): void {
    const { admission } = this;
    for (const arrival of this.arrivals) {
      if (admission.isDenied(arrival.remoteAddress)) arrival.close({ side: 'relay', code: 'DENIED' });
      else if (admission.isSuspended(arrival.visitor?.clientId))
        arrival.close({ side: 'relay', code: 'SUSPENDED' });
    }
    for (const session of this.sessions) {
      if (admission.isDenied(session.remoteAddress)) session.closeInOrder({ side: 'relay', code: 'DENIED' });
      else if (admission.isSuspended(session.visitor.clientId))
        session.closeInOrder({ side: 'relay', code: 'SUSPENDED' });
    }
    this.move(({ pool }) => removed.includes(pool), { side: 'relay', code: 'POOL_REMOVED' });
  }

  private drainedByHand(name: string): void {
    this.move(({ pool }) => pool.name === name, { side: 'relay', code: 'POOL_DRAINED' });
  }

  private sweep(): void {
    const now = this.now();
    const before = this.sweeps.begin(now);
    if (before !== undefined) for (const session of this.sessions) session.sweepWasLate(before);
    for (const session of this.sessions) session.sweep(now);
  }

  private poolChanged(pool: Pool, reason: string): void {
    if (pool.up) {
      this.events.emit('poolUp', pool, reason);
      if (!pool.drained) this.poolOpened();
      return;
    }
    this.events.emit('poolDown', pool, reason);
    if (this.options.failover.onDown === 'close') {
      this.move((session) => session.pool === pool, { side: 'upstream', code: 'POOL_DOWN' });
    }
    this.poolSet.hurry();
  }

  /** A pool can be used again: those who wait get it, and those at worse ones may be sent back. */
  private poolOpened(): void {
    for (const choice of this.choices) if (choice.open) choice.filled();
    for (const arrival of this.arrivals) arrival.poolUp();
    this.choices.forEach((choice, index) => {
      const worse = choice.worseThanBest();
      if (worse.length === 0) return;
      const listener = this.listeners[index]?.name;
      const isWorse = (session: RelaySession) =>
        session.listener === listener && worse.includes(session.pool);
      this.move(isWorse, { side: 'relay', code: 'FAILBACK' });
    });
  }

  /** Closes sessions in order, spread. Returns how many. */
  private move(which: (session: RelaySession) => boolean, reason: CloseReason): number {
    const moved = [...this.sessions].filter(which);
    if (moved.length === 0 || this.state !== 'listening') return 0;
    for (const move of this.moves) if (move.done) this.moves.delete(move);
    this.moves.add(new PacedCloses(moved, reason, this.options.failover.spreadMs, this.now));
    return moved.length;
  }

  private goneOne(): void {
    if (this.activeSessions === 0) this.lastSessionGone?.();
  }

  private stopAccepting(): void {
    for (const listener of this.listeners) listener.close();
  }

  private async startDrain(): Promise<DrainResult> {
    this.state = 'draining';
    this.stopAccepting();
    this.poolSet.stop();
    for (const move of this.moves) move.stop();
    const open = this.activeSessions;
    if (open === 0) return { closed: 0, cut: 0 };
    let cut = 0;
    const allGone = new Promise<void>((resolve) => (this.lastSessionGone = resolve));
    for (const arrival of this.arrivals) arrival.close({ side: 'relay', code: 'DRAIN' });
    const spreadMs = this.options.drainTimeoutMs * DRAIN_SPREAD;
    const closes = new PacedCloses([...this.sessions], { side: 'relay', code: 'DRAIN' }, spreadMs, this.now);
    const deadline = setTimeout(() => {
      cut = this.sessions.size;
      for (const session of this.sessions) session.cutOff({ side: 'relay', code: 'DRAIN_DEADLINE' });
    }, this.options.drainTimeoutMs);
    await allGone;
    closes.stop();
    clearTimeout(deadline);
    return { closed: open - cut, cut };
  }
}

/** Ends of sessions that were moved away from a pool by its trouble. */
const MOVED: ReadonlySet<CloseReason['code']> = new Set(['POOL_DOWN', 'POOL_SILENT'] as const);
