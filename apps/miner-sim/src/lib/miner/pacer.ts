/** Turns that may be owed at most, in seconds' worth: a stall is not made up for by a flood. */
const MAX_BACKLOG_S = 1;

/** Tells how many turns are due at a steady rate. */
export class Pacer {
  private given = 0;

  constructor(
    private readonly perSecond: number,
    private readonly startedAt: number,
  ) {}

  /** The turns that have come due since the last call. */
  due(now: number): number {
    const total = Math.floor(((now - this.startedAt) / 1000) * this.perSecond);
    const turns = Math.min(total - this.given, Math.max(1, this.perSecond * MAX_BACKLOG_S));
    this.given = total;
    return turns;
  }
}
