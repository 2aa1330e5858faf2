import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { LedgerTables } from '../ledger/database/schema';
import { WIDE } from '../ledger/fold/usage-numbers';
import {
  numbersOfSums,
  sumColumns,
  usageSource,
  type SomeNumbers,
  type SumRow,
} from '../statement/usage-sums';
import { refuseNul } from '../statement/bad-query';
import { ledgerNumber, type Measure } from './measure';
import { DAY_MS, type PoolDays } from './pool-days';

/** What a difference is explained by. */
const COMPARED: SomeNumbers = {
  counters: [
    'accepted',
    'accepted_stale',
    'unknown',
    'unanswered',
    'accepted_without_difficulty',
    'foreign_accounts',
  ],
  wide: WIDE,
};

const HOUR_MS = 3_600_000;

/** What is asked of the ledger. */
export interface LedgerQuestion {
  readonly days: PoolDays;
  readonly measure: Measure;
  /** How many of the first and last hours of a day may be on the other side of the day's edge at the pool. */
  readonly edgeHours: number;
  readonly clientId?: string | undefined;
  /** `host:port`, or a host with any port. */
  readonly pool?: string | undefined;
}

/** What the ledger has of one name. Amounts are in units of `AMOUNT_PLACES`. */
export interface LedgerWork {
  amount: bigint;
  accepted: bigint;
  /** Accepted and yet told to be stale. */
  stale: bigint;
  /** Unknown and unanswered. */
  open: bigint;
  withoutDifficulty: bigint;
  /** Part of `amount` of workers that mined to an account that is not their client's. */
  foreign: bigint;
  /** Part of `amount` in the first and the last hours. */
  atBeginning: bigint;
  atEnd: bigint;
}

export function noWork(): LedgerWork {
  return {
    amount: 0n,
    accepted: 0n,
    stale: 0n,
    open: 0n,
    withoutDifficulty: 0n,
    foreign: 0n,
    atBeginning: 0n,
    atEnd: 0n,
  };
}

/** Adds all but what lies at the edges. */
export function addWork(to: LedgerWork, from: LedgerWork): void {
  to.amount += from.amount;
  to.accepted += from.accepted;
  to.stale += from.stale;
  to.open += from.open;
  to.withoutDifficulty += from.withoutDifficulty;
  to.foreign += from.foreign;
}

/** The workers that have shares, or logged in to a foreign account, in days of the pool, the last one included. */
export async function workersWithShares(
  tables: Kysely<LedgerTables>,
  question: LedgerQuestion,
  { first, last }: { readonly first: number; readonly last: number },
): Promise<string[]> {
  const { rows } = await sql<{ worker: string }>`
    select worker from ${usageSource(true)}
    where ${sql.join([...conditionsOf(question, first, last), sql`(submits > 0 or foreign_accounts > 0)`], sql` and `)}
    group by worker order by worker`.execute(tables);
  return rows.map(({ worker }) => worker);
}

/** What each name has on one day; `nameOf` says which name a worker counts for, undefined for one that is left out. */
export async function workOfDay(
  tables: Kysely<LedgerTables>,
  question: LedgerQuestion,
  day: number,
  nameOf: (worker: string) => string | undefined,
): Promise<Map<string, LedgerWork>> {
  const { days, measure, edgeHours } = question;
  const { name: number, unit } = ledgerNumber(measure);
  const [begins, ends] = [
    days.beginning(day) + edgeHours * HOUR_MS,
    days.beginning(day + 1) - edgeHours * HOUR_MS,
  ];
  const edge = sql`(case when hour < ${sql.lit(BigInt(begins))} then 1
    when hour >= ${sql.lit(BigInt(ends))} then 2 else 0 end)`;
  const { rows } = await sql<SumRow & { worker: string; edge: bigint | string }>`
    select worker, ${edge} as edge,
      ${sumColumns(COMPARED)}
    from ${usageSource(true, COMPARED)}
    where ${sql.join(conditionsOf(question, day, day), sql` and `)}
    group by worker, ${edge}`.execute(tables);
  const byName = new Map<string, LedgerWork>();
  for (const row of rows) {
    const name = nameOf(row.worker);
    if (name === undefined) continue;
    let work = byName.get(name);
    if (!work) byName.set(name, (work = noWork()));
    addRow(work, row, number, unit);
  }
  return byName;
}

function addRow(
  work: LedgerWork,
  row: SumRow & { edge: bigint | string },
  number: ReturnType<typeof ledgerNumber>['name'],
  unit: bigint,
): void {
  const numbers = numbersOfSums(row);
  const count = (name: Parameters<typeof numbers.get>[0]) => numbers.get(name) ?? 0n;
  const amount = count(number) * unit;
  work.amount += amount;
  work.accepted += count('accepted');
  work.stale += count('accepted_stale');
  work.open += count('unknown') + count('unanswered');
  work.withoutDifficulty += count('accepted_without_difficulty');
  // Each submit to another account is counted as one.
  if (count('foreign_accounts') > 0n) work.foreign += amount;
  if (Number(row.edge) === 1) work.atBeginning += amount;
  if (Number(row.edge) === 2) work.atEnd += amount;
}

/** An hour that a day of the pool begins in the middle of belongs to the day before. */
function conditionsOf(
  { days, clientId, pool }: LedgerQuestion,
  first: number,
  last: number,
): RawBuilder<unknown>[] {
  const [from, to] = [days.beginning(first), days.beginning(first) + (last + 1 - first) * DAY_MS];
  const conditions = [sql`hour >= ${BigInt(from)}`, sql`hour < ${BigInt(to)}`];
  if (clientId !== undefined) {
    refuseNul(clientId);
    conditions.push(sql`client_id = ${clientId}`);
  }
  if (pool !== undefined) {
    refuseNul(pool);
    const withPort = `${pool}:`;
    conditions.push(sql`(pool = ${pool} or substr(pool, 1, ${sql.lit(withPort.length)}) = ${withPort})`);
  }
  return conditions;
}

/** When the earliest of the journals that are not finished was folded last, milliseconds since 1970. */
export async function foldedThrough(tables: Kysely<LedgerTables>): Promise<number | undefined> {
  const row = await tables
    .selectFrom('journals')
    .select(({ fn }) => fn.min('folded_through').as('through'))
    .where('stopped', '=', 0n)
    .where('written_off', '=', 0n)
    .executeTakeFirst();
  // In a database without such rows the least of none is null, whatever its type says.
  const through = row?.through as bigint | string | null | undefined;
  return through === null || through === undefined ? undefined : Number(through);
}
