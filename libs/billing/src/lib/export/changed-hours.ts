import { sql, type Transaction } from 'kysely';
import type { LedgerTables } from '../ledger/database/schema';
import type { UsageEntry } from '../ledger/fold/usage-book';

/**
 * Notes that a fold has changed these hours of a journal, in its own transaction: what is sent of them is not all any more.
 * `through`: how far the journal is folded, milliseconds since 1970.
 */
export async function noteChangedHours(
  step: Transaction<LedgerTables>,
  journalId: string,
  entries: Iterable<UsageEntry>,
  through: number,
): Promise<void> {
  const hours = new Set<number>();
  for (const { key } of entries) hours.add(key.hour);
  // Few: a fold is of some seconds, and of some hours where the ledger was behind.
  for (const hour of hours) {
    await step
      .insertInto('export_hours')
      .values({
        journal_id: journalId,
        hour: BigInt(hour),
        changes: 1n,
        prepared: 0n,
        since: BigInt(through),
      })
      .onConflict((conflict) =>
        conflict.columns(['journal_id', 'hour']).doUpdateSet({
          changes: sql<bigint>`export_hours.changes + 1`,
          since: sql<bigint>`case when export_hours.prepared < export_hours.changes
            then export_hours.since else excluded.since end`,
        }),
      )
      .execute();
  }
}
