import type { Job } from './job';
import type { JobFactory } from './job-factory';

/** Jobs of one block that stay valid beside the newest. */
const KEPT_JOBS = 32;
/** Accepted shares a job may have before the pool moves on, so that duplicates cost bounded memory. */
const MAX_SHARES_PER_JOB = 1_000_000;

export type JobLookup = Job | 'stale' | 'unknown';

/** The jobs that shares may be sent for, and the memory of the ones they may not any more. */
export class JobBoard {
  private readonly live = new Map<string, Job>();
  private newest: Job;

  constructor(
    private readonly factory: JobFactory,
    private readonly cleanEvery: number,
  ) {
    this.newest = this.renew(true);
  }

  get current(): Job {
    return this.newest;
  }

  /** True when the current job holds as many shares as it may. */
  get full(): boolean {
    return this.newest.accepted.size >= MAX_SHARES_PER_JOB;
  }

  /** Without an argument every `cleanEvery`-th job is clean. */
  renew(clean?: boolean): Job {
    const next = this.live.size === 0 ? 1 : this.newest.seq + 1;
    const isClean = clean ?? (next - 1) % this.cleanEvery === 0;
    const job = this.factory.next(isClean);
    if (isClean) this.live.clear();
    this.live.set(job.id, job);
    const [oldest] = this.live.keys();
    if (this.live.size > KEPT_JOBS && oldest !== undefined) this.live.delete(oldest);
    this.newest = job;
    return job;
  }

  find(id: string): JobLookup {
    const job = this.live.get(id);
    if (job !== undefined) return job;
    const seq = Number.parseInt(id, 16);
    const issued = seq > 0 && seq <= this.newest.seq && seq.toString(16) === id;
    return issued ? 'stale' : 'unknown';
  }
}
