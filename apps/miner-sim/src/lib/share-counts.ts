import { hashesOfDifficulty } from './bitcoin/target';

/** The share part of a summary; the same names on the pool's and on the miners' side. */
export interface ShareSummary {
  readonly submits: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly rejected_by: Readonly<Record<string, number>>;
  readonly unknown: number;
  readonly unanswered: number;
  readonly accepted_difficulty: number;
  readonly accepted_hashes: number;
  readonly accepted_at: Readonly<Record<string, number>>;
}

/**
 * Counts submits and their outcomes. What has no outcome yet is unanswered, so that
 * `submits = accepted + rejected + unknown + unanswered` holds at any time.
 */
export class ShareCounts {
  submits = 0;
  accepted = 0;
  rejected = 0;
  unknown = 0;
  private readonly rejectedBy = new Map<string, number>();
  /** Accepted shares per difficulty: sums made from it are exact and do not depend on order. */
  private readonly acceptedAt = new Map<number, number>();

  get unanswered(): number {
    return this.submits - this.accepted - this.rejected - this.unknown;
  }

  accept(difficulty: number): void {
    this.accepted += 1;
    this.acceptedAt.set(difficulty, (this.acceptedAt.get(difficulty) ?? 0) + 1);
  }

  reject(reason: string): void {
    this.rejected += 1;
    this.rejectedBy.set(reason, (this.rejectedBy.get(reason) ?? 0) + 1);
  }

  summary(): ShareSummary {
    let difficulty = 0;
    let hashes = 0;
    for (const [at, count] of this.acceptedAt) {
      difficulty += at * count;
      hashes += hashesOfDifficulty(at) * count;
    }
    return {
      submits: this.submits,
      accepted: this.accepted,
      rejected: this.rejected,
      rejected_by: Object.fromEntries(this.rejectedBy),
      unknown: this.unknown,
      unanswered: this.unanswered,
      // Without the noise of binary fractions: 200 shares of 1e-6 are 0.0002.
      accepted_difficulty: Number(difficulty.toPrecision(15)),
      accepted_hashes: hashes,
      accepted_at: Object.fromEntries(this.acceptedAt),
    };
  }
}

/** Counts in total and per worker. */
export class WorkerCounts {
  readonly total = new ShareCounts();
  private readonly workers = new Map<string, ShareCounts>();

  /** Worker names beyond `maxWorkers` are counted together as `overflow`. */
  constructor(private readonly maxWorkers = 50_000) {}

  worker(name: string): ShareCounts {
    const known = this.workers.get(name);
    if (known !== undefined) return known;
    if (this.workers.size >= this.maxWorkers && name !== 'overflow') return this.worker('overflow');
    const counts = new ShareCounts();
    this.workers.set(name, counts);
    return counts;
  }

  submit(worker: string): void {
    this.total.submits += 1;
    this.worker(worker).submits += 1;
  }

  accept(worker: string, difficulty: number): void {
    this.total.accept(difficulty);
    this.worker(worker).accept(difficulty);
  }

  reject(worker: string, reason: string): void {
    this.total.reject(reason);
    this.worker(worker).reject(reason);
  }

  unreadable(worker: string): void {
    this.total.unknown += 1;
    this.worker(worker).unknown += 1;
  }

  byWorker(): Record<string, ShareSummary> {
    return Object.fromEntries([...this.workers].map(([name, counts]) => [name, counts.summary()]));
  }
}
