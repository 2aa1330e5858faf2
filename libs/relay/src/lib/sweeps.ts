import type { SessionLimits } from './relay-options';

const SLOWEST_SWEEP_MS = 1_000;
const FASTEST_SWEEP_MS = 20;

/**
 * How often limits are looked at: often enough that none is overstepped by more than a quarter of itself, or
 * by a second. One timer for all sessions instead of several for each, so that a chunk touches none.
 */
export function sweepIntervalMs(limits: SessionLimits): number {
  const shortest = Math.min(
    limits.loginTimeoutMs,
    limits.idleTimeoutMs,
    limits.slowPeerTimeoutMs,
    limits.jobTimeoutMs,
  );
  return Math.max(FASTEST_SWEEP_MS, Math.min(SLOWEST_SWEEP_MS, Math.floor(shortest / 4)));
}

/**
 * When sessions are held against their limits: the clock that a chunk needs for them. Whole milliseconds, which V8 keeps where
 * they are used.
 */
export class Sweeps {
  /** When the last one began. */
  lastAt: number;
  private readonly everyMs: number;

  /** `everyMs`: how often they are due. */
  constructor(everyMs: number, now: number) {
    // Timers are late by a little, always.
    this.everyMs = everyMs * 1.1;
    this.lastAt = Math.floor(now);
  }

  /**
   * One begins. Where it is late (the process was stopped, or stalled) the time of the one before: what came behind that one
   * may have come just now, since sockets are read before timers run.
   */
  begin(now: number): number | undefined {
    const before = this.lastAt;
    this.lastAt = Math.floor(now);
    return this.lastAt > this.after(before) ? before : undefined;
  }

  /** When the sweep has begun that follows the one at `at`: what came behind that one counts as being of this one. */
  after(at: number): number {
    return at + this.everyMs;
  }
}
