export interface VardiffOptions {
  readonly sharesPerMinute: number;
  /** The least time between two looks at a connection. */
  readonly intervalMs: number;
  readonly minDifficulty: number;
  readonly maxDifficulty: number;
}

/** Leads one connection toward a rate of shares, in steps of powers of two. */
export class Vardiff {
  private shares = 0;

  constructor(
    private readonly options: VardiffOptions,
    private since: number,
  ) {}

  share(): void {
    this.shares += 1;
  }

  /** The difficulty to change to, or undefined to leave it; called now and then. */
  retarget(difficulty: number, now: number): number | undefined {
    const elapsed = now - this.since;
    if (elapsed < this.options.intervalMs) return undefined;
    const expected = (elapsed / 60_000) * this.options.sharesPerMinute;
    const steps = Math.round(Math.log2(Math.max(this.shares, 0.25) / expected));
    this.shares = 0;
    this.since = now;
    const wanted = difficulty * 2 ** Math.max(-3, Math.min(3, steps));
    const bounded = Math.min(Math.max(wanted, this.options.minDifficulty), this.options.maxDifficulty);
    return bounded === difficulty ? undefined : bounded;
  }
}
