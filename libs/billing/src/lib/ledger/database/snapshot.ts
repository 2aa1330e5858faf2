import { sql, type Kysely } from 'kysely';
import type { LedgerDatabase } from './database';
import type { LedgerTables } from './schema';

/**
 * Reads from one state of the ledger, whatever is folded meanwhile, and holds up nobody who writes: in SQLite
 * `transaction()` would take the write lock, and a command beside a proxy would stop its fold.
 */
export function readSnapshot<T>(
  { tables, kind }: LedgerDatabase,
  read: (snapshot: Kysely<LedgerTables>) => Promise<T>,
): Promise<T> {
  if (kind === 'postgres') {
    return tables.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(read);
  }
  return tables.connection().execute(async (connection) => {
    await sql`begin deferred`.execute(connection);
    try {
      return await read(connection);
    } finally {
      await sql`rollback`.execute(connection);
    }
  });
}
