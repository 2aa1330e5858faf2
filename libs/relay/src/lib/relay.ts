import { EventEmitter } from 'node:events';
import { randomBytes } from 'node:crypto';
import type { Server, Socket } from 'node:net';
import { openGuarded } from './guard-tap';
import { Listener } from './listener';
import { Pool } from './pool';
import type { RejectionCause, RelayEvents } from './relay-events';
import type { RelayOptions, SessionLimits } from './relay-options';
import { RelaySession, type SessionOwner } from './relay-session';
import type { SessionEnd, SessionTapFactory, SessionView } from './session-tap';
import { chooseReading, dataReading, type SocketReading } from './socket-reading';
import { sweepIntervalMs } from './sweeper';

/** `idle` before `listen`, then `listening`, `draining` from the first call of `drain`, `closed` at the end. */
export type RelayState = 'idle' | 'listening' | 'draining' | 'closed';

/** A pool as others see it. */
export interface PoolView {
  readonly poolHost: string;
  readonly up: boolean;
  readonly sessions: number;
}

/** What became of the sessions that were open when a drain began. */
export interface DrainResult {
  /** Ended in order. */
  readonly closed: number;
  /** Cut off at the deadline. */
  readonly cut: number;
}

/** The part of `drain_timeout_ms` over which the closes are spread, so that miners do not all come back at once. */
const DRAIN_SPREAD = 0.7;
const DRAIN_STEP_MS = 20;

const DESCRIPTORS_OF_A_SESSION = 2;
/** Descriptors kept free for listeners, HTTP, files and databases, however many miners come. */
const RESERVED_DESCRIPTORS = 128;

/** Sessions that a process with so many file descriptors can hold. */
export function sessionsWithin(descriptorLimit: number): number {
  return Math.max(1, Math.floor((descriptorLimit - RESERVED_DESCRIPTORS) / DESCRIPTORS_OF_A_SESSION));
}

/**
 * Accepts miners, opens a pool connection for each and moves bytes between the two until both are closed.
 *
 * Owns the sockets. Knows nothing of Stratum: whoever wants to look provides a `SessionTapFactory`.
 */
export class Relay implements SessionOwner {
  /** Session-level facts. A listener's throw is its own: register only what catches. */
  readonly events = new EventEmitter<RelayEvents>();
  readonly limits: SessionLimits;
  state: RelayState = 'idle';

  private readonly sessions = new Set<RelaySession>();
  private readonly pool: Pool;
  private readonly listeners: readonly Listener[];
  private readonly idPrefix: string;
  private readonly sessionsByDescriptors: number;
  private reading: SocketReading = dataReading;
  private sweepTimer: NodeJS.Timeout | undefined;
  private sessionCount = 0;
  private drained: Promise<DrainResult> | undefined;
  private lastSessionGone: (() => void) | undefined;

  constructor(
    private readonly options: RelayOptions,
    private readonly taps: SessionTapFactory,
    readonly now: () => number = () => performance.now(),
    private readonly findReading: () => Promise<SocketReading> = chooseReading,
  ) {
    this.limits = options.limits;
    this.sessionsByDescriptors = sessionsWithin(options.descriptorLimit ?? Infinity);
    this.pool = new Pool(options.pool);
    this.listeners = options.listeners.map(
      (listener) =>
        new Listener(
          listener,
          (socket) => this.accept(socket, listener.name),
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
    return [this.pool];
  }

  get activeSessions(): number {
    return this.sessions.size;
  }

  get maxConnections(): number {
    return this.options.maxConnections;
  }

  /** Sessions that are open now. */
  get openSessions(): Iterable<SessionView> {
    return this.sessions;
  }

  /** How sockets are read on this Node; known after `listen`. */
  get readingName(): SocketReading['name'] {
    return this.reading.name;
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
    this.state = 'closed';
  }

  connected(session: RelaySession, latencyMs: number): void {
    if (this.pool.reached()) this.events.emit('poolUp', this.pool);
    this.events.emit('connected', session, latencyMs);
  }

  closed(session: RelaySession, end: SessionEnd): void {
    this.sessions.delete(session);
    this.pool.sessions -= 1;
    const missed = end.reason.code === 'DIAL_FAILED' || end.reason.code === 'DIAL_TIMEOUT';
    if (missed && this.pool.missed()) this.events.emit('poolDown', this.pool);
    this.events.emit('closed', session, end);
    if (this.sessions.size === 0) this.lastSessionGone?.();
  }

  private accept(accepted: Socket, listener: string): void {
    // Until a session listens, and for one that is turned away: nobody else would hear of an early reset.
    accepted.on('error', () => accepted.destroy());
    const rejection = this.admission(accepted);
    if (rejection) {
      this.events.emit('rejected', rejection, accepted.remoteAddress ?? '');
      accepted.resetAndDestroy();
      return;
    }
    const downstream = this.reading.accept(accepted);
    const upstream = this.pool.dial(this.reading);
    this.sessionCount += 1;
    const birth = { id: `${this.idPrefix}-${this.sessionCount}`, listener, poolHost: this.pool.poolHost };
    const session = new RelaySession(birth, downstream, upstream, this);
    this.sessions.add(session);
    this.pool.sessions += 1;
    // Before the tap is opened, which may identify the session at once.
    this.events.emit('opened', session);
    session.start(this.openTap(session));
  }

  private admission(accepted: Socket): RejectionCause | undefined {
    if (this.state !== 'listening') return 'draining';
    if (this.sessions.size >= this.options.maxConnections) return 'max_connections';
    if (this.sessions.size >= this.sessionsByDescriptors) return 'descriptors';
    // Reset between the kernel's accept and ours: there is no address left to speak of.
    if (accepted.remoteAddress === undefined) return 'gone';
    return undefined;
  }

  private openTap(session: RelaySession) {
    return openGuarded(
      () => this.taps.open(session, (identity) => this.events.emit('identified', session, identity)),
      (fault) => this.events.emit('fault', session, fault),
    );
  }

  private sweep(): void {
    const now = this.now();
    for (const session of this.sessions) session.sweep(now);
  }

  private stopAccepting(): void {
    for (const listener of this.listeners) listener.close();
  }

  private async startDrain(): Promise<DrainResult> {
    this.state = 'draining';
    this.stopAccepting();
    const open = [...this.sessions];
    if (open.length === 0) return { closed: 0, cut: 0 };
    let cut = 0;
    const allGone = new Promise<void>((resolve) => (this.lastSessionGone = resolve));
    const spread = this.spreadCloses(open);
    const deadline = setTimeout(() => {
      cut = this.sessions.size;
      for (const session of this.sessions) session.cutOff({ side: 'relay', code: 'DRAIN_DEADLINE' });
    }, this.options.drainTimeoutMs);
    await allGone;
    clearInterval(spread);
    clearTimeout(deadline);
    return { closed: open.length - cut, cut };
  }

  private spreadCloses(sessions: readonly RelaySession[]): NodeJS.Timeout {
    const startedAt = this.now();
    const spreadMs = this.options.drainTimeoutMs * DRAIN_SPREAD;
    let next = 0;
    const step = (): void => {
      const due = Math.ceil(
        sessions.length * Math.min(1, (this.now() - startedAt + DRAIN_STEP_MS) / spreadMs),
      );
      for (; next < due; next += 1) sessions[next]?.closeInOrder({ side: 'relay', code: 'DRAIN' });
    };
    step();
    return setInterval(step, DRAIN_STEP_MS);
  }
}
