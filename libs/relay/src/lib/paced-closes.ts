import type { CloseReason } from './session/close-reason';

const STEP_MS = 20;

/** What can be closed in order. */
export interface Closable {
  closeInOrder(reason: CloseReason): void;
}

/**
 * Closes sessions in order, in the order given, spread evenly over a time, so that miners do not all come back at once.
 * Whatever has ended meanwhile stays as it is.
 */
export class PacedCloses {
  private readonly startedAt: number;
  private readonly timer: NodeJS.Timeout;
  private next = 0;

  constructor(
    private readonly sessions: readonly Closable[],
    private readonly reason: CloseReason,
    private readonly spreadMs: number,
    private readonly now: () => number,
  ) {
    this.startedAt = now();
    this.timer = setInterval(() => this.step(), STEP_MS);
    this.step();
  }

  /** Whether all have had their turn. */
  get done(): boolean {
    return this.next >= this.sessions.length;
  }

  /** What has not had its turn stays open. */
  stop(): void {
    clearInterval(this.timer);
  }

  private step(): void {
    const passed = this.now() - this.startedAt + STEP_MS;
    const due = Math.ceil(this.sessions.length * Math.min(1, passed / Math.max(1, this.spreadMs)));
    for (; this.next < due; this.next += 1) this.sessions[this.next]?.closeInOrder(this.reason);
    if (this.done) this.stop();
  }
}
