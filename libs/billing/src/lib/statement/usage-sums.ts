import { REJECTION_REASONS } from '@mining-proxy/stratum-parser';
import { sql, type RawBuilder } from 'kysely';
import {
  COUNTERS,
  LIMB,
  WIDE,
  type Counter,
  type NumberName,
  type UsageNumbers,
  type Wide,
} from '../ledger/fold/usage-numbers';

/** Some of the numbers of usage. */
export interface SomeNumbers {
  readonly counters: readonly Counter[];
  readonly wide: readonly Wide[];
}

/** All of them. */
const ALL: SomeNumbers = { counters: COUNTERS, wide: WIDE };

/** How shares did, and the work in them: what is drawn. Each number more costs with each row. */
export const SHARES: SomeNumbers = {
  counters: [
    'accepted',
    'accepted_stale',
    ...REJECTION_REASONS.map((reason) => `rejected_${reason}` as const),
  ],
  wide: ['accepted_hashes'],
};

/** Low parts are summed in two halves, each far from the 64 bits that SQLite's sum ends at. */
const HALF = 10_000_000n;

/** A row with the columns of `sumColumns`. */
export type SumRow = Record<string, bigint | string | null>;

/** Columns that sum numbers of the rows of a group; `numbersOfSums` reads them. */
export function sumColumns({ counters, wide } = ALL): RawBuilder<unknown> {
  const columns = counters.map((name) => sql`sum(${sql.ref(name)}) as ${sql.id(name)}`);
  for (const name of wide) {
    const low = sql.ref(`${name}_low`);
    columns.push(
      sql`sum(${sql.ref(`${name}_high`)}) as ${sql.id(`${name}_high`)}`,
      sql`sum(${low} / ${sql.lit(HALF)}) as ${sql.id(`${name}_middle`)}`,
      sql`sum(${low} % ${sql.lit(HALF)}) as ${sql.id(`${name}_low`)}`,
    );
  }
  return sql.join(columns);
}

/** All numbers of such a row; one that it does not have, or that the database gives as null, is 0. */
export function numbersOfSums(row: SumRow): UsageNumbers {
  const numbers = new Map<NumberName, bigint>();
  const whole = (column: string) => BigInt(row[column] ?? 0n);
  for (const name of COUNTERS) numbers.set(name, whole(name));
  for (const name of WIDE) {
    const low = whole(`${name}_middle`) * HALF + whole(`${name}_low`);
    numbers.set(name, whole(`${name}_high`) * LIMB + low);
  }
  return numbers;
}

/** What is selected from: the rows of open and closed months, with what was corrected later where asked. */
export function usageSource(correctionsToo: boolean, { counters, wide } = ALL): RawBuilder<unknown> {
  const columns = sql.join(
    [
      'client_id',
      'worker',
      'pool',
      'hour',
      ...counters,
      ...wide.flatMap((n) => [`${n}_high`, `${n}_low`]),
    ].map((name) => sql.ref(name)),
  );
  const usage = sql`select ${columns} from usage`;
  return correctionsToo
    ? sql`(${usage} union all select ${columns} from corrections) as facts`
    : sql`(${usage}) as facts`;
}
