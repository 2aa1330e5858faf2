import type { SettledShares } from '../metering/share-counts';
import { WorkWindows, type DayCounts, type HourOfWork, type MeasuredRate } from './work-windows';

/**
 * How a worker is doing: `mining`: it has had a share lately; `silent`: it is connected and has had none; `gone`: it is not
 * connected.
 */
export const WORKER_STATES = ['mining', 'silent', 'gone'] as const;
export type WorkerState = (typeof WORKER_STATES)[number];

/** Shares that a worker may be expected to have had before it counts as silent. */
const EXPECTED_SHARES = 5;

/** Of fewer than three shares nothing can be expected. */
const FAIR_ERROR = 0.6;

/** What is kept of one worker of one client. Times are wall clock, milliseconds since 1970. */
export class WorkerRecord {
  /** Open sessions on which it has logged in, or had a share. */
  sessions = 0;
  /** What the miner says that it is: name and version as it subscribed. */
  agent: string | null = null;
  /** Of its last share. */
  difficulty: number | null = null;
  lastShareAt: number | null = null;
  firstSeenAt: number;
  lastSeenAt: number;
  private lastHashes = 0;
  private made: WorkWindows | undefined;

  constructor(
    readonly clientId: string,
    readonly worker: string,
    now: number,
  ) {
    this.firstSeenAt = this.lastSeenAt = now;
  }

  joined(agent: string | null, now: number): void {
    this.sessions += 1;
    this.lastSeenAt = now;
    if (agent !== null) this.agent = agent;
  }

  left(now: number): void {
    this.sessions -= 1;
    this.lastSeenAt = now;
  }

  /** Shares of it were settled. */
  settled({ result: { outcome }, hashes, difficulty, count, at }: SettledShares): void {
    this.lastSeenAt = at;
    this.difficulty = difficulty ?? this.difficulty;
    if (outcome === 'rejected') this.windows.rejected(at, count);
    if (outcome !== 'accepted' && outcome !== 'accepted_stale') return;
    this.lastShareAt = at;
    this.lastHashes = hashes ?? 0;
    this.windows.accepted(hashes ?? 0, outcome === 'accepted_stale', at, count);
  }

  /** What the ledger knows of it from before this process began. */
  restore(
    {
      firstSeenAt,
      lastSeenAt,
      hours,
    }: { firstSeenAt: number; lastSeenAt: number; hours: readonly HourOfWork[] },
    now: number,
  ): void {
    this.firstSeenAt = Math.min(this.firstSeenAt, firstSeenAt);
    if (this.sessions === 0) this.lastSeenAt = Math.max(lastSeenAt, this.lastShareAt ?? 0);
    for (const hour of hours) {
      this.windows.restore(hour, now);
      if (hour.accepted === 0) continue;
      // The ledger knows the hour: it may have been at any time in it.
      const last = Math.min(hour.hour + 3_600_000, lastSeenAt);
      this.lastShareAt = Math.max(this.lastShareAt ?? 0, last);
    }
  }

  stateAt(now: number, silentAfterMs: number): WorkerState {
    if (this.sessions === 0) return 'gone';
    if (this.lastShareAt === null) return 'silent';
    const quietMs = now - this.lastShareAt;
    if (quietMs <= silentAfterMs) return 'mining';
    // A slow machine at a high difficulty has a share now and then.
    const { perSecond, error } = this.made?.overMinutes(60, this.firstSeenAt, now) ?? NONE;
    const expectedMs = error !== null && error <= FAIR_ERROR ? (this.lastHashes / perSecond) * 1000 : 0;
    return quietMs <= EXPECTED_SHARES * expectedMs ? 'mining' : 'silent';
  }

  /** Over the last 10 minutes or 60. */
  rateOverMinutes(minutes: number, now: number): MeasuredRate {
    return this.made?.overMinutes(minutes, this.firstSeenAt, now) ?? NONE;
  }

  rateOverDay(now: number): MeasuredRate {
    return this.made?.overDay(this.firstSeenAt, now) ?? NONE;
  }

  countsOfDay(now: number): DayCounts {
    return this.made?.countsOfDay(now) ?? { accepted: 0, rejected: 0, stale: 0 };
  }

  /** Made with the first share: many names only ever log in. */
  private get windows(): WorkWindows {
    return (this.made ??= new WorkWindows());
  }
}

const NONE: MeasuredRate = { perSecond: 0, error: null };
