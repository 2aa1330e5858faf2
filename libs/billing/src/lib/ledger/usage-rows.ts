import { sql, type Transaction } from 'kysely';
import type { LedgerTables, UsageTable } from './schema';
import type { UsageKey } from './usage-book';
import { COUNTERS, LIMB, WIDE, type NumberName, type UsageNumbers } from './usage-numbers';

export type UsageTableName = 'usage' | 'corrections';

/** Rows in one statement: SQLite takes 32,766 parameters. */
const ROWS = 500;

const KEY = ['journal_id', 'hour', 'client_id', 'worker', 'pool', 'dialect', 'session_id'] as const;

const ALL_COLUMNS: readonly string[] = [
  ...COUNTERS,
  ...WIDE.flatMap((name) => [`${name}_high`, `${name}_low`]),
];

export interface KeyedNumbers {
  readonly key: UsageKey;
  readonly numbers: UsageNumbers;
  readonly bookedMonth?: string;
}

/** Adds to the rows of one journal, and makes those that are not there. Keys must not repeat. */
export async function addToRows(
  step: Transaction<LedgerTables>,
  table: UsageTableName,
  journalId: string,
  added: readonly KeyedNumbers[],
): Promise<void> {
  const corrections = table === 'corrections';
  for (let start = 0; start < added.length; start += ROWS) {
    const rows = added.slice(start, start + ROWS).map(({ key, numbers, bookedMonth }) => ({
      journal_id: journalId,
      ...key,
      hour: BigInt(key.hour),
      ...columnsOf(numbers),
      ...(corrections ? { booked_month: bookedMonth } : {}),
    }));
    await step
      // The two tables have the same columns but one.
      .insertInto(table as 'usage')
      .values(rows as unknown as UsageTable[])
      .onConflict((conflict) =>
        conflict
          .columns((corrections ? [...KEY, 'booked_month'] : KEY) as readonly (keyof UsageTable)[])
          .doUpdateSet(additions(table)),
      )
      .execute();
  }
}

/** The numbers of a row. */
export function numbersIn(row: UsageTable): UsageNumbers {
  const numbers = new Map<NumberName, bigint>();
  for (const name of COUNTERS) if (row[name] !== 0n) numbers.set(name, row[name]);
  for (const name of WIDE) {
    const value = row[`${name}_high`] * LIMB + row[`${name}_low`];
    if (value !== 0n) numbers.set(name, value);
  }
  return numbers;
}

export function keyOf(row: UsageTable): UsageKey {
  const { session_id, client_id, worker, pool, dialect } = row;
  return { session_id, client_id, worker, pool, hour: Number(row.hour), dialect };
}

function columnsOf(numbers: UsageNumbers): Record<string, bigint> {
  const columns: Record<string, bigint> = {};
  for (const name of ALL_COLUMNS) columns[name] = 0n;
  for (const name of COUNTERS) columns[name] = numbers.get(name) ?? 0n;
  for (const name of WIDE) {
    const value = numbers.get(name) ?? 0n;
    columns[`${name}_high`] = value / LIMB;
    columns[`${name}_low`] = value % LIMB;
  }
  return columns;
}

function additions(table: UsageTableName): Record<string, ReturnType<typeof sql<bigint>>> {
  const sum = (name: string) => sql`(${sql.ref(`${table}.${name}`)} + ${sql.ref(`excluded.${name}`)})`;
  const set: Record<string, ReturnType<typeof sql<bigint>>> = {};
  for (const name of COUNTERS) set[name] = sql<bigint>`${sum(name)}`;
  for (const name of WIDE) {
    const [high, low] = [`${name}_high`, `${name}_low`];
    // Both databases divide towards zero: high and low stay one number, also below zero.
    set[low] = sql<bigint>`${sum(low)} % ${sql.lit(LIMB)}`;
    set[high] = sql<bigint>`${sum(high)} + ${sum(low)} / ${sql.lit(LIMB)}`;
  }
  return set;
}
