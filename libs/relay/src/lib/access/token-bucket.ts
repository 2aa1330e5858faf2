/** How fast something may happen: `perSecond` in the long run, and up to `burst` at once after a quiet time. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A token bucket, full at first. Time is given to it, monotonic milliseconds; a clock that stands still gives nothing. */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  constructor(rate: Rate, now: number) {
    this.tokens = rate.burst;
    this.filledAt = now;
  }

  /** Whether one may happen now. Takes nothing. */
  allows(rate: Rate, now: number): boolean {
    this.fill(rate, now);
    return this.tokens >= 1;
  }

  /** It happens. */
  take(): void {
    this.tokens -= 1;
  }

  /** Whether nothing has happened for so long that a new bucket would say the same. */
  isFull(rate: Rate, now: number): boolean {
    this.fill(rate, now);
    return this.tokens >= rate.burst;
  }

  private fill({ perSecond, burst }: Rate, now: number): void {
    const seconds = Math.max(0, now - this.filledAt) / 1000;
    this.tokens = Math.min(burst, this.tokens + seconds * perSecond);
    this.filledAt = now;
  }
}
