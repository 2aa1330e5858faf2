/** Older work counts for less: after this time for 1/e of what it did. */
const TIME_CONSTANT_MS = 10 * 60_000;

/**
 * Estimates a hashrate from the work of accepted shares, each at the difficulty of its own job. (The rate of
 * shares times the difficulty of the moment is wrong after every change of the difficulty.)
 */
export class HashrateEstimate {
  private decayedHashes = 0;
  private updatedAt = 0;

  /** Counts a share's work at `now`, milliseconds since the session's accept; what is told late counts from the last time on. */
  add(hashes: number, now: number): void {
    const at = Math.max(now, this.updatedAt);
    this.decayedHashes = this.decayed(at) + hashes;
    this.updatedAt = at;
  }

  /** Hashes per second at `now`. Right from the start: a young session is measured over its own age. */
  perSecond(now: number): number {
    if (now <= 0) return 0;
    const windowMs = TIME_CONSTANT_MS * (1 - Math.exp(-now / TIME_CONSTANT_MS));
    return (this.decayed(now) / windowMs) * 1000;
  }

  private decayed(now: number): number {
    return this.decayedHashes * Math.exp((this.updatedAt - now) / TIME_CONSTANT_MS);
  }
}
