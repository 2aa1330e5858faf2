import { sql, type Transaction } from 'kysely';
import { BlockStatement } from '../database/block-statement';
import type { LedgerKind } from '../database/database';
import type { CorrectionsTable, LedgerTables, UsageTable } from '../database/schema';
import type { UsageKey } from './usage-book';
import { COUNTERS, LIMB, WIDE, type NumberName, type UsageNumbers } from './usage-numbers';

export type UsageTableName = 'usage' | 'corrections';

const KEY = ['journal_id', 'hour', 'client_id', 'worker', 'pool', 'dialect', 'session_id'] as const;

const ALL_COLUMNS = [...COUNTERS, ...WIDE.flatMap((name) => [`${name}_high`, `${name}_low`] as const)];

export interface KeyedNumbers {
  readonly key: UsageKey;
  readonly numbers: UsageNumbers;
  readonly bookedMonth?: string;
}

const ADDITIONS: Readonly<Record<UsageTableName, BlockStatement<CorrectionsTable>>> = {
  usage: additionTo('usage', KEY),
  corrections: additionTo('corrections', [...KEY, 'booked_month']),
};

/** Adds to the rows of one journal, and makes those that are not there. Keys must not repeat. */
export async function addToRows(
  step: Transaction<LedgerTables>,
  kind: LedgerKind,
  table: UsageTableName,
  journalId: string,
  added: readonly KeyedNumbers[],
): Promise<void> {
  const rows = added.map(({ key, numbers, bookedMonth }) => {
    const { hour, client_id, worker, pool, dialect, session_id } = key;
    const month = bookedMonth === undefined ? [] : [bookedMonth];
    // In the order of KEY, and of ALL_COLUMNS.
    return [
      journalId,
      BigInt(hour),
      client_id,
      worker,
      pool,
      dialect,
      session_id,
      ...month,
      ...columnsOf(numbers),
    ];
  });
  await ADDITIONS[table].run(step, kind, rows);
}

function additionTo(
  table: UsageTableName,
  key: readonly (keyof CorrectionsTable)[],
): BlockStatement<CorrectionsTable> {
  return new BlockStatement([...key, ...ALL_COLUMNS], (step, block) =>
    step
      // The two tables have the same columns but one.
      .insertInto(table as 'usage')
      .values(block)
      .onConflict((conflict) =>
        conflict.columns(key as readonly (keyof UsageTable)[]).doUpdateSet(additions(table)),
      ),
  );
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

/** In the order of `ALL_COLUMNS`. */
function columnsOf(numbers: UsageNumbers): bigint[] {
  const values = COUNTERS.map((name) => numbers.get(name) ?? 0n);
  for (const name of WIDE) {
    const value = numbers.get(name) ?? 0n;
    values.push(value / LIMB, value % LIMB);
  }
  return values;
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
