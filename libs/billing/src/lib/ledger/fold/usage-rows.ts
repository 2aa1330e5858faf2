import { sql, type Transaction } from 'kysely';
import { BlockStatement, type RowValues } from '../database/block-statement';
import type { LedgerKind } from '../database/database';
import type { CorrectionsTable, LedgerTables, UsageTable } from '../database/schema';
import type { UsageKey } from './usage-book';
import { COUNTERS, LIMB, WIDE, type Counter, type NumberName, type UsageNumbers } from './usage-numbers';

export type UsageTableName = 'usage' | 'corrections';

const KEY = ['journal_id', 'hour', 'client_id', 'worker', 'pool', 'dialect', 'session_id'] as const;

/** What nearly all rows of a fold add: a statement about all columns costs three times as much. */
const COMMON: readonly Counter[] = [
  'bytes_sent',
  'bytes_received',
  'sessions',
  'session_ms',
  'submits',
  'accepted',
  'audited_valid_accepted',
  'audited_unchecked_accepted',
];

export interface KeyedNumbers {
  readonly key: UsageKey;
  readonly numbers: UsageNumbers;
  readonly bookedMonth?: string;
}

/** Adds some counters, and the wide numbers. */
interface Addition {
  readonly counters: readonly Counter[];
  readonly statement: BlockStatement<CorrectionsTable>;
}

const ADDITIONS: Readonly<Record<UsageTableName, { readonly common: Addition; readonly all: Addition }>> = {
  usage: additionsTo('usage', KEY),
  corrections: additionsTo('corrections', [...KEY, 'booked_month']),
};

/** Adds to the rows of one journal, and makes those that are not there. Keys must not repeat. */
export async function addToRows(
  step: Transaction<LedgerTables>,
  kind: LedgerKind,
  table: UsageTableName,
  journalId: string,
  added: readonly KeyedNumbers[],
): Promise<void> {
  const { common, all } = ADDITIONS[table];
  const [usual, others] = [[] as RowValues[], [] as RowValues[]];
  for (const { key, numbers, bookedMonth } of added) {
    const { hour, client_id, worker, pool, dialect, session_id } = key;
    const isUsual = addsUsual(numbers);
    const row: Mutable<RowValues> = [journalId, BigInt(hour), client_id, worker, pool, dialect, session_id];
    if (bookedMonth !== undefined) row.push(bookedMonth);
    pushValues(row, numbers, (isUsual ? common : all).counters);
    (isUsual ? usual : others).push(row);
  }
  await common.statement.run(step, kind, usual);
  await all.statement.run(step, kind, others);
}

type Mutable<L extends readonly unknown[]> = L[number][];

const COMMON_NAMES: ReadonlySet<NumberName> = new Set([...COMMON, ...WIDE]);

function addsUsual(numbers: UsageNumbers): boolean {
  for (const name of numbers.keys()) if (!COMMON_NAMES.has(name)) return false;
  return true;
}

function additionsTo(table: UsageTableName, key: readonly (keyof CorrectionsTable)[]) {
  const addition = (counters: readonly Counter[]): Addition => ({
    counters,
    statement: new BlockStatement([...key, ...columnsOf(counters)], (step, block) =>
      step
        // The two tables have the same columns but one.
        .insertInto(table as 'usage')
        .values(block)
        .onConflict((conflict) =>
          conflict.columns(key as readonly (keyof UsageTable)[]).doUpdateSet(sums(table, counters)),
        ),
    ),
  });
  return { common: addition(COMMON), all: addition(COUNTERS) };
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

/** The columns of some counters, and of the wide numbers. */
function columnsOf(counters: readonly Counter[]) {
  return [...counters, ...WIDE.flatMap((name) => [`${name}_high`, `${name}_low`] as const)];
}

/** In the order of `columnsOf`. */
function pushValues(row: Mutable<RowValues>, numbers: UsageNumbers, counters: readonly Counter[]): void {
  for (const name of counters) row.push(numbers.get(name) ?? 0n);
  for (const name of WIDE) {
    const value = numbers.get(name) ?? 0n;
    row.push(value / LIMB, value % LIMB);
  }
}

function sums(
  table: UsageTableName,
  counters: readonly Counter[],
): Record<string, ReturnType<typeof sql<bigint>>> {
  const sum = (name: string) => sql`(${sql.ref(`${table}.${name}`)} + ${sql.ref(`excluded.${name}`)})`;
  const set: Record<string, ReturnType<typeof sql<bigint>>> = {};
  for (const name of counters) set[name] = sql<bigint>`${sum(name)}`;
  for (const name of WIDE) {
    const [high, low] = [`${name}_high`, `${name}_low`];
    // Both databases divide towards zero: high and low stay one number, also below zero.
    set[low] = sql<bigint>`${sum(low)} % ${sql.lit(LIMB)}`;
    set[high] = sql<bigint>`${sum(high)} + ${sum(low)} / ${sql.lit(LIMB)}`;
  }
  return set;
}
