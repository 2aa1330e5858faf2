import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { monthInterval } from '../ledger/database/calendar';
import type { LedgerTables, UsageTable } from '../ledger/database/schema';
import { NUMBER_NAMES } from '../ledger/fold/usage-numbers';
import { numbersIn } from '../ledger/fold/usage-rows';

/** How many rows a month has, and the SHA-256 over them. The same in every database. */
export async function hashPeriod(
  tables: Kysely<LedgerTables>,
  month: string,
): Promise<{ readonly rows: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let rows = 0;
  for await (const line of linesOf(tables, month)) {
    hash.update(line);
    rows += 1;
  }
  return { rows, sha256: hash.digest('hex') };
}

/** One line of JSON for each row, by hour and then by key: no more rows in memory than an hour has. */
async function* linesOf(tables: Kysely<LedgerTables>, month: string): AsyncGenerator<string> {
  const { from, to } = monthInterval(month);
  const hours = await tables
    .selectFrom('usage')
    .select('hour')
    .distinct()
    .where('hour', '>=', BigInt(from))
    .where('hour', '<', BigInt(to))
    .orderBy('hour')
    .execute();
  for (const { hour } of hours) {
    const rows = await tables.selectFrom('usage').selectAll().where('hour', '=', hour).execute();
    yield* sortedLines('usage', rows);
  }
  const corrected = await tables
    .selectFrom('corrections')
    .select('hour')
    .distinct()
    .where('booked_month', '=', month)
    .orderBy('hour')
    .execute();
  for (const { hour } of corrected) {
    const rows = await tables
      .selectFrom('corrections')
      .selectAll()
      .where('booked_month', '=', month)
      .where('hour', '=', hour)
      .execute();
    yield* sortedLines('correction', rows);
  }
}

/** Sorted here and not there: what databases think is the order of names differs. */
function sortedLines(kind: string, rows: readonly UsageTable[]): string[] {
  const lines = rows.map((row) => {
    const numbers = numbersIn(row);
    const { hour, journal_id, client_id, worker, pool, dialect, session_id } = row;
    const key = [kind, Number(hour), journal_id, client_id, worker, pool, dialect, session_id];
    const some = NUMBER_NAMES.filter((name) => numbers.has(name)).map((name) => [
      name,
      String(numbers.get(name)),
    ]);
    return `${JSON.stringify([...key, ...some.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))])}\n`;
  });
  return lines.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
