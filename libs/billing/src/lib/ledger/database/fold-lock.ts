import { sql, type Kysely, type Transaction, type TransactionBuilder } from 'kysely';
import type { LedgerKind } from './database';
import type { LedgerTables } from './schema';

/** Any number will do that no other program on the same server uses. */
const FOLD_LOCK = 5_318_008_772;

/**
 * A transaction that waits for a lock and then sees what was committed meanwhile. A server may be set to begin others
 * than this: those see the state from before the wait, and would write into a month that was closed in it.
 */
export function lockedTransaction<Tables>(tables: Kysely<Tables>): TransactionBuilder<Tables> {
  return tables.transaction().setIsolationLevel('read committed');
}

/**
 * Keeps folds and the closing of a month apart until the end of the transaction: any number of journals may
 * fold at a time, but none while a month is closed. In SQLite a transaction that writes is alone anyway.
 * Returns the months that are closed.
 */
export async function takeFoldLock(
  step: Transaction<LedgerTables>,
  kind: LedgerKind,
  as: 'fold' | 'close',
): Promise<ReadonlySet<string>> {
  if (kind === 'postgres') {
    const take = as === 'fold' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock';
    await sql`select ${sql.raw(take)}(${FOLD_LOCK})`.execute(step);
  }
  const rows = await step.selectFrom('periods').select('month').execute();
  return new Set(rows.map(({ month }) => month));
}
