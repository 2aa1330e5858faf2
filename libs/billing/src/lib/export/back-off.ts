const FIRST_MS = 1_000;
const LONGEST_MS = 300_000;

/** How long to wait before the next attempt: twice as long each time, up to five minutes, and not all at the same moment. */
export class BackOff {
  private nextMs: number;

  /** `random` gives numbers from 0 to 1. */
  constructor(
    private readonly firstMs = FIRST_MS,
    private readonly longestMs = LONGEST_MS,
    private readonly random: () => number = Math.random,
  ) {
    this.nextMs = firstMs;
  }

  /** What was tried has worked. */
  reset(): void {
    this.nextMs = this.firstMs;
  }

  /** After an attempt that may well work when it is made again. */
  again(): number {
    const ms = this.nextMs;
    this.nextMs = Math.min(ms * 2, this.longestMs);
    return this.spread(ms);
  }

  /** After one that will most likely fail again: somebody has to do something first. */
  slowly(): number {
    return this.spread(this.longestMs);
  }

  private spread(ms: number): number {
    return ms * (0.5 + this.random() / 2);
  }
}
