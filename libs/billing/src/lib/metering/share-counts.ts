import type { ShareOutcome } from '../journal/records/record';
import { UNITS_PER_DIFFICULTY, type ShareWork } from '../journal/records/share-work';
import { REJECTION_REASONS, type RejectionReason } from '@mining-proxy/stratum-parser';

/** How a share ended. */
export interface ShareResult {
  readonly outcome: ShareOutcome;
  /** Why, where it was rejected. */
  readonly reason?: RejectionReason;
}

/** Shares that are settled together, because they are alike in all but their time. */
export interface SettledShares {
  readonly result: ShareResult;
  readonly count: number;
  /** Of the last one, wall clock. */
  readonly at: number;
  /** Of each; null where it is not known. */
  readonly hashes: number | null;
  readonly difficulty: number | null;
}

/** What was counted of shares and jobs: plain numbers, incremented where the fact is seen. */
export class ShareCounts {
  submits = 0;
  /** Accepted by the pool, those flagged as stale included. */
  accepted = 0;
  acceptedStale = 0;
  rejected = 0;
  unknown = 0;
  unanswered = 0;
  /** Accepted shares whose difficulty is not known, or too small to be one: they add nothing to the sum of difficulties. */
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

  /** Counts the one outcome of so many shares that are alike, and the work of each if it was accepted. */
  settle({ outcome, reason }: ShareResult, work: ShareWork, count = 1): void {
    switch (outcome) {
      case 'accepted_stale':
        this.acceptedStale += count;
        this.accept(work, count);
        break;
      case 'accepted':
        this.accept(work, count);
        break;
      case 'rejected':
        this.reject(reason ?? 'other', count);
        break;
      case 'unknown':
        this.unknown += count;
        break;
      case 'unanswered':
        this.unanswered += count;
    }
  }

  rejectedFor(reason: RejectionReason): number {
    return this.byReason?.[REJECTION_REASONS.indexOf(reason)] ?? 0;
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
    this.merge(other, 1);
  }

  /** Takes away what the other has counted, which has to be part of this. */
  subtract(other: ShareCounts): void {
    this.merge(other, -1);
  }

  private accept({ hashes, difficulty }: ShareWork, count: number): void {
    this.accepted += count;
    if (hashes === null || difficulty === null) this.acceptedWithoutDifficulty += count;
    const times = BigInt(count);
    this.hashes += (hashes ?? 0n) * times;
    this.difficultyUnits += (difficulty ?? 0n) * times;
  }

  private reject(reason: RejectionReason, count: number): void {
    this.rejected += count;
    this.byReason ??= REJECTION_REASONS.map(() => 0);
    const index = REJECTION_REASONS.indexOf(reason);
    this.byReason[index] = (this.byReason[index] ?? 0) + count;
  }

  private merge(other: ShareCounts, sign: 1 | -1): void {
    this.submits += sign * other.submits;
    this.accepted += sign * other.accepted;
    this.acceptedStale += sign * other.acceptedStale;
    this.rejected += sign * other.rejected;
    this.unknown += sign * other.unknown;
    this.unanswered += sign * other.unanswered;
    this.hashes += sign === 1 ? other.hashes : -other.hashes;
    this.difficultyUnits += sign === 1 ? other.difficultyUnits : -other.difficultyUnits;
    this.acceptedWithoutDifficulty += sign * other.acceptedWithoutDifficulty;
    this.notifications += sign * other.notifications;
    this.jobs += sign * other.jobs;
    if (!other.byReason) return;
    this.byReason ??= REJECTION_REASONS.map(() => 0);
    // Counted, not iterated: a scrape does this for every open session in one turn.
    for (let index = 0; index < other.byReason.length; index += 1) {
      this.byReason[index] = (this.byReason[index] ?? 0) + sign * (other.byReason[index] ?? 0);
    }
  }
}
