/** Who says what it has moved. */
export interface Progressing {
  progressed(): void;
}

const STEP_MS = 250;

/**
 * Lets every open session say what it has moved, once in each interval, a few at a time: all at once would hold
 * up the bytes of all.
 */
export class UsageRounds {
  /**
   * Who is still to be visited in this round, the next one last. A list and no iterator of the set: for one that stands
   * still V8 keeps every table that the set has grown out of, and all sessions that were in it.
   */
  private round: Progressing[] = [];
  /** Visits that are due, each worth an interval: whole numbers, so that no fraction is lost. */
  private credit = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly sessions: ReadonlySet<Progressing>,
    private readonly intervalMs: number,
  ) {}

  start(): void {
    this.timer = setInterval(() => this.step(), STEP_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private step(): void {
    const { size } = this.sessions;
    if (size === 0) this.round = [];
    this.credit = Math.min(size * this.intervalMs, this.credit + size * STEP_MS);
    for (; this.credit >= this.intervalMs; this.credit -= this.intervalMs) this.next()?.progressed();
  }

  private next(): Progressing | undefined {
    while (this.sessions.size > 0) {
      const visit = this.round.pop();
      if (visit === undefined) this.round = [...this.sessions].reverse();
      else if (this.sessions.has(visit)) return visit;
    }
    return undefined;
  }
}
