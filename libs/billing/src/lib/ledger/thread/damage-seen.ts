import type { LedgerStatus } from './ledger-service';

/**
 * The damage that the fold has come upon since this process began. The ledger keeps the sum over a journal's whole
 * life, which a process that has just begun, or a pod under a new name, would show as news.
 */
export class DamageSeen {
  /** Records that could not be read. */
  badRecords = 0;
  /** Sessions whose beginning was among them, also in an earlier life. */
  orphans = 0;
  private before: Pick<LedgerStatus, 'badRecords' | 'orphans'> | undefined;

  /** Takes each status in turn; the first one of a ledger that was reached has only what was before. */
  note({ folded, badRecords, orphans }: LedgerStatus): void {
    if (folded === undefined) return;
    this.before ??= { badRecords, orphans };
    // A ledger restored meanwhile from a backup comes upon the same records again.
    this.badRecords = Math.max(this.badRecords, badRecords - this.before.badRecords);
    this.orphans = Math.max(this.orphans, orphans - this.before.orphans);
  }
}
