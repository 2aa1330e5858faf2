import type { LedgerDatabase } from '../database/database';
import { numbersIn } from '../fold/usage-rows';
import type { PlainUsage } from './naive-ledger';

/** The usage rows of a ledger as text, corrections added to what they correct. */
export async function readUsage({ tables }: LedgerDatabase, journalId?: string): Promise<PlainUsage> {
  const sums: Record<string, Record<string, bigint>> = {};
  for (const table of ['usage', 'corrections'] as const) {
    for (const row of await tables.selectFrom(table).selectAll().execute()) {
      if (journalId !== undefined && row.journal_id !== journalId) continue;
      const sum = (sums[
        JSON.stringify([row.client_id, row.worker, row.pool, Number(row.hour), row.dialect])
      ] ??= {});
      for (const [name, value] of numbersIn(row)) sum[name] = (sum[name] ?? 0n) + value;
    }
  }
  const texts: PlainUsage = {};
  for (const [key, numbers] of Object.entries(sums)) {
    const some = Object.entries(numbers).filter(([, value]) => value !== 0n);
    if (some.length > 0)
      texts[key] = Object.fromEntries(some.map(([name, value]) => [name, value.toString()]));
  }
  return texts;
}
