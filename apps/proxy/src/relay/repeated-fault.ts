/**
 * Decides when a fault that may come thousands of times a second is written down: at once the first time, then at
 * most once an interval, with how often it came since the line before.
 */
export class RepeatedFault {
  private lastWrittenAt = -Infinity;
  private unwritten = 0;

  constructor(
    private readonly intervalMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The fault has happened. How many are to be written down as one line, or undefined for none now. */
  happened(): number | undefined {
    this.unwritten += 1;
    const now = this.now();
    if (now - this.lastWrittenAt < this.intervalMs) return undefined;
    const count = this.unwritten;
    this.lastWrittenAt = now;
    this.unwritten = 0;
    return count;
  }
}
