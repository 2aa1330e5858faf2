import type { DialectName } from './dialects/dialect-name';
import type { ShareWorth } from './share-target';

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
  /** By difficulty, in the dialects that announce one. */
  readonly accepted_at: Readonly<Record<string, number>>;
  /** By whole hashes a share, in the dialects that announce a target. */
  readonly accepted_at_hashes: Readonly<Record<string, number>>;
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
  /** Accepted shares per difficulty or target: sums made from it are exact and do not depend on order. */
  private readonly acceptedAt = new Map<number, { readonly hashes: number; count: number }>();
  private readonly acceptedAtHashes = new Map<number, number>();

  get unanswered(): number {
    return this.submits - this.accepted - this.rejected - this.unknown;
  }

  accept({ difficulty, hashes }: ShareWorth): void {
    this.accepted += 1;
    if (difficulty === undefined) {
      addOne(this.acceptedAtHashes, hashes);
      return;
    }
    const same = this.acceptedAt.get(difficulty);
    if (same === undefined) this.acceptedAt.set(difficulty, { hashes, count: 1 });
    else same.count += 1;
  }

  reject(reason: string): void {
    this.rejected += 1;
    addOne(this.rejectedBy, reason);
  }

  summary(): ShareSummary {
    let difficulty = 0;
    let hashes = 0;
    for (const [at, { hashes: each, count }] of this.acceptedAt) {
      difficulty += at * count;
      hashes += each * count;
    }
    for (const [each, count] of this.acceptedAtHashes) hashes += each * count;
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
      accepted_at: Object.fromEntries([...this.acceptedAt].map(([at, { count }]) => [at, count])),
      accepted_at_hashes: Object.fromEntries(this.acceptedAtHashes),
    };
  }
}

function addOne<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Whose share it is, and what it was sent in. */
export interface Submitter {
  readonly worker: string;
  readonly dialect: DialectName;
}

export interface DialectSummary extends ShareSummary {
  readonly connections: number;
}

/** Counts in total, per dialect and per worker. */
export class ShareTally {
  readonly total = new ShareCounts();
  private readonly workers = new Map<string, ShareCounts>();
  private readonly dialects = new Map<DialectName, { shares: ShareCounts; connections: number }>();

  /** Worker names beyond `maxWorkers` are counted together as `overflow`. */
  constructor(private readonly maxWorkers = 50_000) {}

  /** A connection speaks this dialect. */
  connected(dialect: DialectName): void {
    this.dialect(dialect).connections += 1;
  }

  submit(by: Submitter): void {
    for (const counts of this.countsOf(by)) counts.submits += 1;
  }

  accept(by: Submitter, worth: ShareWorth): void {
    for (const counts of this.countsOf(by)) counts.accept(worth);
  }

  reject(by: Submitter, reason: string): void {
    for (const counts of this.countsOf(by)) counts.reject(reason);
  }

  unreadable(by: Submitter): void {
    for (const counts of this.countsOf(by)) counts.unknown += 1;
  }

  byWorker(): Record<string, ShareSummary> {
    return Object.fromEntries([...this.workers].map(([name, counts]) => [name, counts.summary()]));
  }

  byDialect(): Partial<Record<DialectName, DialectSummary>> {
    const entries = [...this.dialects].map(
      ([name, { connections, shares }]) => [name, { connections, ...shares.summary() }] as const,
    );
    return Object.fromEntries(entries);
  }

  private countsOf({ worker, dialect }: Submitter): readonly ShareCounts[] {
    return [this.total, this.worker(worker), this.dialect(dialect).shares];
  }

  private worker(name: string): ShareCounts {
    const known = this.workers.get(name);
    if (known !== undefined) return known;
    if (this.workers.size >= this.maxWorkers && name !== 'overflow') return this.worker('overflow');
    const counts = new ShareCounts();
    this.workers.set(name, counts);
    return counts;
  }

  private dialect(name: DialectName): { shares: ShareCounts; connections: number } {
    const known = this.dialects.get(name);
    if (known !== undefined) return known;
    const counts = { shares: new ShareCounts(), connections: 0 };
    this.dialects.set(name, counts);
    return counts;
  }
}
