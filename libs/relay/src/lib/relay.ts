import { EventEmitter } from 'node:events';
import { randomBytes } from 'node:crypto';
import type { Server, Socket } from 'node:net';
import { Arrival, type ArrivalOwner } from './arrival';
import { Listener } from './listeners/listener';
import { PacedCloses } from './paced-closes';
import { HealthCheck } from './pools/health-check';
import { Pool, type PoolView } from './pools/pool';
import { PoolChoice } from './pools/pool-choice';
import type { Reached } from './pools/pool-dial';
import type { RejectionCause, RelayEvents } from './relay-events';
import type { RelayOptions, SessionLimits } from './relay-options';
import type { CloseReason } from './session/close-reason';
import { openGuarded } from './session/guard-tap';
import { RelaySession, type SessionOwner } from './session/relay-session';
import type { SessionEnd, SessionTapFactory, SessionView } from './session/session-tap';
import { chooseReading, dataReading, type RelaySocket, type SocketReading } from './sockets/socket-reading';
import { sweepIntervalMs } from './sweeper';

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
  readonly limits: SessionLimits;
  readonly noPoolDelayMs: number;
  state: RelayState = 'idle';
  /** How sockets are read on this Node; chosen in `listen`. */
  reading: SocketReading = dataReading;

  /** Those whom no pool serves yet. */
  private readonly arrivals = new Set<Arrival>();
  private readonly sessions = new Set<RelaySession>();
  private readonly allPools: readonly Pool[];
  private readonly checks: readonly HealthCheck[];
  private readonly choices: readonly PoolChoice[];
  private readonly listeners: readonly Listener[];
  private readonly idPrefix: string;
  private readonly sessionsByDescriptors: number;
  private readonly moves = new Set<PacedCloses>();
  private sweepTimer: NodeJS.Timeout | undefined;
  private certificateTimer: NodeJS.Timeout | undefined;
  private sessionCount = 0;
  private drained: Promise<DrainResult> | undefined;
  private lastSessionGone: (() => void) | undefined;

  /** Throws where a listener's certificate cannot be used. */
  constructor(
    private readonly options: RelayOptions,
    private readonly taps: SessionTapFactory,
    readonly now: () => number = () => performance.now(),
    private readonly findReading: () => Promise<SocketReading> = chooseReading,
  ) {
    this.limits = options.limits;
    this.noPoolDelayMs = options.failover.noPoolDelayMs;
    this.sessionsByDescriptors = sessionsWithin(options.descriptorLimit ?? Infinity);
    this.allPools = options.pools.map(
      (pool) => new Pool(pool, (changed, reason) => this.poolChanged(changed, reason)),
    );
    this.checks = this.allPools.map(
      (pool) =>
        new HealthCheck(pool, {
          reading: () => this.reading,
          now,
          nothingUp: () => !this.allPools.some(({ usable }) => usable),
        }),
    );
    this.choices = options.listeners.map(({ pools }) => this.choiceOf(pools));
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

  get pools(): readonly PoolView[] {
    return this.allPools;
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
      await Promise.all(this.listeners.map((listener) => listener.listen()));
    } catch (error) {
      this.stopAccepting();
      throw error;
    }
    if (this.state !== 'idle') {
      this.stopAccepting();
      return;
    }
    this.sweepTimer = setInterval(() => this.sweep(), sweepIntervalMs(this.limits));
    this.certificateTimer = setInterval(() => this.refreshCertificates(), CERTIFICATES_EVERY_MS);
    for (const check of this.checks) check.start();
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
    const pool = this.allPools.find((one) => one.name === name);
    if (!pool) return false;
    if (pool.setDrained(true)) this.move([pool], { side: 'relay', code: 'POOL_DRAINED' });
    return true;
  }

  /** Takes it back into use. False where no pool has the name. */
  resumePool(name: string): boolean {
    const pool = this.allPools.find((one) => one.name === name);
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

  turnedAway(arrival: Arrival, cause: RejectionCause): void {
    this.arrivals.delete(arrival);
    this.events.emit('rejected', cause, arrival.remoteAddress);
    this.goneOne();
  }

  served(
    arrival: Arrival,
    pool: Pool,
    downstream: RelaySocket,
    { upstream, early, latencyMs }: Reached,
  ): void {
    const { id, listener, remoteAddress, remotePort, acceptedAt, bornAt } = arrival;
    const birth = { id, listener, pool, remoteAddress, remotePort, acceptedAt, bornAt };
    const session = new RelaySession(birth, downstream, upstream, this);
    this.arrivals.delete(arrival);
    this.sessions.add(session);
    pool.sessions += 1;
    // Before the tap is opened, which may identify the session at once.
    this.events.emit('opened', session);
    const tap = this.openTap(session);
    this.events.emit('connected', session, latencyMs);
    session.start(tap, early);
  }

  unserved(arrival: Arrival, end: SessionEnd): void {
    this.arrivals.delete(arrival);
    this.events.emit('opened', arrival);
    this.openTap(arrival).closed(end);
    this.events.emit('closed', arrival, end);
    this.goneOne();
  }

  closed(session: RelaySession, end: SessionEnd): void {
    this.sessions.delete(session);
    session.pool.sessions -= 1;
    if (MOVED.has(end.reason.code)) session.pool.failovers += 1;
    this.events.emit('closed', session, end);
    this.goneOne();
  }

  private choiceOf(names: readonly string[]): PoolChoice {
    const pools = names.map((name) => {
      const pool = this.allPools.find((one) => one.name === name);
      if (!pool) throw new Error(`no pool is called ${name}`);
      return pool;
    });
    return new PoolChoice(pools, this.options.failover.failback);
  }

  private accept(accepted: Socket, index: number): void {
    // For one that is turned away: nobody else would hear of an early reset.
    accepted.on('error', () => accepted.destroy());
    const listener = this.listeners[index];
    const choice = this.choices[index];
    if (!listener || !choice) return;
    const rejection = this.admission(accepted, listener);
    if (rejection) {
      this.events.emit('rejected', rejection, accepted.remoteAddress ?? '');
      accepted.resetAndDestroy();
      return;
    }
    this.sessionCount += 1;
    const arrival = new Arrival(`${this.idPrefix}-${this.sessionCount}`, listener, choice, accepted, this);
    this.arrivals.add(arrival);
    arrival.begin();
  }

  private admission(accepted: Socket, listener: Listener): RejectionCause | undefined {
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
      () => this.taps.open(session, (identity) => this.events.emit('identified', session, identity)),
      (fault) => this.events.emit('fault', session, fault),
    );
  }

  private sweep(): void {
    const now = this.now();
    for (const session of this.sessions) session.sweep(now);
  }

  private poolChanged(pool: Pool, reason: string): void {
    if (pool.up) {
      this.events.emit('poolUp', pool, reason);
      if (!pool.drained) this.poolOpened();
      return;
    }
    this.events.emit('poolDown', pool, reason);
    if (this.options.failover.onDown === 'close') this.move([pool], { side: 'upstream', code: 'POOL_DOWN' });
    for (const check of this.checks) check.hurry();
  }

  /** A pool can be used again: those who wait get it, and those at worse ones may be sent back. */
  private poolOpened(): void {
    for (const choice of this.choices) if (choice.open) choice.filled();
    for (const arrival of this.arrivals) arrival.poolUp();
    this.choices.forEach((choice, index) => {
      const worse = choice.worseThanBest();
      if (worse.length === 0) return;
      this.move(worse, { side: 'relay', code: 'FAILBACK' }, this.listeners[index]?.name);
    });
  }

  /** Closes the sessions of pools in order, spread. `listener`: only those that came there. */
  private move(pools: readonly Pool[], reason: CloseReason, listener?: string): void {
    const moved = [...this.sessions].filter(
      (session) => pools.includes(session.pool) && (listener === undefined || session.listener === listener),
    );
    if (moved.length === 0 || this.state !== 'listening') return;
    for (const move of this.moves) if (move.done) this.moves.delete(move);
    this.moves.add(new PacedCloses(moved, reason, this.options.failover.spreadMs, this.now));
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
    for (const check of this.checks) check.stop();
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
