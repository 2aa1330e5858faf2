import { UNITS_PER_DIFFICULTY } from '../journal/share-work';
import { REJECTION_REASONS, type RejectionReason } from '@mining-proxy/stratum-parser';

/** What was counted of shares and jobs: plain numbers, incremented where the fact is seen. */
export class ShareCounts {
  submits = 0;
  /** Accepted by the pool, those flagged as stale included. */
  accepted = 0;
  acceptedStale = 0;
  rejected = 0;
  unknown = 0;
  unanswered = 0;
  /** Accepted shares that added no work, because their difficulty is not known. */
  acceptedWithoutDifficulty = 0;
  /** Messages of the pool that are no answers. */
  notifications = 0;
  jobs = 0;
  /** Rejections by reason; made at the first one, since most sessions never have any. */
  private byReason: number[] | undefined;
  // Whole and exact: a sum of floating-point numbers depends on its order, which changes when a session
  // closes, and a counter that falls by the last bit is a restart for Prometheus.
  private hashes = 0n;
  private difficultyUnits = 0n;

  reject(reason: RejectionReason): void {
    this.rejected += 1;
    this.byReason ??= REJECTION_REASONS.map(() => 0);
    const index = REJECTION_REASONS.indexOf(reason);
    this.byReason[index] = (this.byReason[index] ?? 0) + 1;
  }

  rejectedFor(reason: RejectionReason): number {
    return this.byReason?.[REJECTION_REASONS.indexOf(reason)] ?? 0;
  }

  /** Adds the work of one accepted share, in whole hashes and in units of 10^-8 of difficulty. */
  addWork(hashes: bigint, difficultyUnits: bigint): void {
    this.hashes += hashes;
    this.difficultyUnits += difficultyUnits;
  }

  /** Hashes that the accepted shares are expected to have taken. */
  get acceptedHashes(): number {
    return Number(this.hashes);
  }

  /** Sum of the difficulties of accepted shares. */
  get acceptedDifficulty(): number {
    return Number(this.difficultyUnits) / UNITS_PER_DIFFICULTY;
  }

  /** Submits that have their one outcome. */
  get settled(): number {
    return this.accepted + this.rejected + this.unknown + this.unanswered;
  }

  /** Adds all that the other has counted. */
  add(other: ShareCounts): void {
    this.submits += other.submits;
    this.accepted += other.accepted;
    this.acceptedStale += other.acceptedStale;
    this.rejected += other.rejected;
    this.unknown += other.unknown;
    this.unanswered += other.unanswered;
    this.hashes += other.hashes;
    this.difficultyUnits += other.difficultyUnits;
    this.acceptedWithoutDifficulty += other.acceptedWithoutDifficulty;
    this.notifications += other.notifications;
    this.jobs += other.jobs;
    if (!other.byReason) return;
    this.byReason ??= REJECTION_REASONS.map(() => 0);
    // Counted, not iterated: a scrape does this for every open session in one turn.
    for (let index = 0; index < other.byReason.length; index += 1) {
      this.byReason[index] = (this.byReason[index] ?? 0) + (other.byReason[index] ?? 0);
    }
  }
}
