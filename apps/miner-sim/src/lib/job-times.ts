export interface JobTime {
  /** Milliseconds since the epoch, with fractions, comparable between processes of one machine. */
  readonly first_ms: number;
  readonly last_ms: number;
  readonly count: number;
}

const KEPT = 32;

/** When the latest jobs were first and last sent (pool) or received (miners): the fan-out. */
export class JobTimes {
  private readonly jobs = new Map<string, { first_ms: number; last_ms: number; count: number }>();

  begin(id: string): void {
    const now = performance.timeOrigin + performance.now();
    this.jobs.set(id, { first_ms: now, last_ms: now, count: 0 });
    const [oldest] = this.jobs.keys();
    if (this.jobs.size > KEPT && oldest !== undefined) this.jobs.delete(oldest);
  }

  /** The job has reached `count` more. */
  touch(id: string, count = 1): void {
    if (!this.jobs.has(id)) this.begin(id);
    const job = this.jobs.get(id);
    if (job === undefined) return;
    job.last_ms = performance.timeOrigin + performance.now();
    job.count += count;
  }

  summary(): Record<string, JobTime> {
    return Object.fromEntries([...this.jobs].map(([id, times]) => [id, { ...times }]));
  }
}
