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
  private readonly sessions: ReadonlySet<Progressing>;
  private round: Iterator<Progressing>;
  /** Visits that are due, each worth an interval: whole numbers, so that no fraction is lost. */
  private credit = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    sessions: ReadonlySet<Progressing>,
    private readonly intervalMs: number,
  ) {
    this.sessions = sessions;
    this.round = sessions.values();
  }

  start(): void {
    this.timer = setInterval(() => this.step(), STEP_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private step(): void {
    const { size } = this.sessions;
    this.credit = Math.min(size * this.intervalMs, this.credit + size * STEP_MS);
    for (; this.credit >= this.intervalMs; this.credit -= this.intervalMs) this.next()?.progressed();
  }

  private next(): Progressing | undefined {
    const visit = this.round.next();
    if (visit.done !== true) return visit.value;
    this.round = this.sessions.values();
    const first = this.round.next();
    return first.done === true ? undefined : first.value;
  }
}
