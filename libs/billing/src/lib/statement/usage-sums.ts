import { sql, type RawBuilder } from 'kysely';
import { COUNTERS, LIMB, WIDE, type NumberName, type UsageNumbers } from '../ledger/fold/usage-numbers';

/** Low parts are summed in two halves, each far from the 64 bits that SQLite's sum ends at. */
const HALF = 10_000_000n;

/** A row with the columns of `sumColumns`. */
export type SumRow = Record<string, bigint | string | null>;

/** Columns that sum all numbers of the rows of a group; `numbersOfSums` reads them. */
export function sumColumns(): RawBuilder<unknown> {
  const columns = COUNTERS.map((name) => sql`sum(${sql.ref(name)}) as ${sql.id(name)}`);
  for (const name of WIDE) {
    const low = sql.ref(`${name}_low`);
    columns.push(
      sql`sum(${sql.ref(`${name}_high`)}) as ${sql.id(`${name}_high`)}`,
      sql`sum(${low} / ${sql.lit(HALF)}) as ${sql.id(`${name}_middle`)}`,
      sql`sum(${low} % ${sql.lit(HALF)}) as ${sql.id(`${name}_low`)}`,
    );
  }
  return sql.join(columns);
}

/** All numbers of such a row; one that the database gives as null is 0. */
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
export function usageSource(correctionsToo: boolean): RawBuilder<unknown> {
  const columns = sql.join(
    [
      'client_id',
      'worker',
      'pool',
      'hour',
      ...COUNTERS,
      ...WIDE.flatMap((n) => [`${n}_high`, `${n}_low`]),
    ].map((name) => sql.ref(name)),
  );
  const usage = sql`select ${columns} from usage`;
  return correctionsToo
    ? sql`(${usage} union all select ${columns} from corrections) as facts`
    : sql`(${usage}) as facts`;
}
