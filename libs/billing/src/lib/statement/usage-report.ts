import { sql, type Kysely, type RawBuilder } from 'kysely';
import { monthInterval, monthOf, nextMonth, startOfHour } from '../ledger/database/calendar';
import type { LedgerTables } from '../ledger/database/schema';
import { BadQueryError, refuseNul } from './bad-query';
import { numbersOfSums, sumColumns, usageSource, type SumRow } from './usage-sums';
import { usageText, type UsageText } from './usage-text';

/** What usage can be summed by. Hours, days and months are UTC. */
export const GROUPINGS = ['client', 'worker', 'pool', 'hour', 'day', 'month'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** `from` and `to` are milliseconds since 1970, on the hour, half-open; absent they are the ledger's own ends. */
export interface UsageQuery {
  readonly from?: number;
  readonly to?: number;
  readonly clientId?: string;
  readonly groupBy: readonly Grouping[];
  /** Groups in one page. */
  readonly limit?: number;
  /** Of the page before. */
  readonly cursor?: string;
}

/** The group's `client_id`, `worker`, `pool` and `hour`, `day` or `month`, and its numbers, all as text. */
export type UsageRow = UsageText;

/**
 * Groups in the order of their columns. `next`, given as `cursor` to the same question, is where it goes on.
 */
export interface UsagePage {
  readonly rows: readonly UsageRow[];
  /** Present where there is more. */
  readonly next?: string;
}

const DAY_MS = 86_400_000n;
const PAGE = 1_000;
/** Ten years of months are spelled out in the query. */
const MOST_MONTHS = 120;

/** Sums usage by groups, ordered by them, a page at a time. What was corrected counts in its own hour. */
export async function usageReport(tables: Kysely<LedgerTables>, query: UsageQuery): Promise<UsagePage> {
  const range = await rangeOf(tables, query);
  if (!range) return { rows: [] };
  const limit = query.limit ?? PAGE;
  if (query.clientId !== undefined) refuseNul(query.clientId);
  const groups = [...new Set(query.groupBy)].map((grouping) => ({
    grouping,
    expression: expressionFor(grouping, range),
  }));
  const expressions = groups.map(({ expression }) => expression);
  const conditions = [sql`hour >= ${BigInt(range.from)}`, sql`hour < ${BigInt(range.to)}`];
  if (query.clientId !== undefined) conditions.push(sql`client_id = ${query.clientId}`);
  if (query.cursor !== undefined) {
    const last = readCursor(
      query.cursor,
      groups.map(({ grouping }) => grouping),
    );
    conditions.push(sql`(${sql.join(expressions)}) > (${sql.join(last.map(bound))})`);
  }
  const columns = groups.map(({ expression }, index) => sql`${expression} as ${sql.id(`g${index}`)},`);
  const grouped = expressions.length === 0 ? sql`` : sql`group by ${sql.join(expressions)}`;
  const order =
    expressions.length === 0
      ? sql``
      : sql`order by ${sql.join(groups.map((_, index) => sql.id(`g${index}`)))}`;
  const { rows } = await sql<SumRow>`
    select ${sql.join(columns, sql` `)} ${sumColumns()}
    from ${usageSource(true)}
    where ${sql.join(conditions, sql` and `)}
    ${grouped} ${order} limit ${BigInt(limit + 1)}`.execute(tables);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    rows: page.map((row) => ({
      ...Object.fromEntries(
        groups.map(({ grouping }, index) => [columnOf(grouping), shown(grouping, row[`g${index}`])]),
      ),
      ...usageText(numbersOfSums(row)),
    })),
    ...(rows.length > limit && last
      ? { next: cursorAt(groups.map((_, index) => String(last[`g${index}`]))) }
      : {}),
  };
}

interface Range {
  readonly from: number;
  readonly to: number;
}

async function rangeOf(tables: Kysely<LedgerTables>, { from, to }: UsageQuery): Promise<Range | undefined> {
  for (const time of [from, to]) {
    if (time !== undefined && (!Number.isSafeInteger(time) || startOfHour(time) !== time)) {
      throw new BadQueryError('from and to lie on a full hour, UTC');
    }
  }
  if (from !== undefined && to !== undefined) {
    if (from >= to) throw new BadQueryError('from must come before to');
    return { from, to };
  }
  const hours: number[] = [];
  for (const table of ['usage', 'corrections'] as const) {
    const ends = await tables
      .selectFrom(table)
      .select(({ fn }) => [fn.min('hour').as('first'), fn.max('hour').as('last')])
      .executeTakeFirst();
    for (const hour of [ends?.first, ends?.last]) if (typeof hour === 'bigint') hours.push(Number(hour));
  }
  if (hours.length === 0) return undefined;
  // The end that was given may lie beyond all that there is.
  return {
    from: from ?? Math.min(...hours, (to ?? Infinity) - 1),
    to: to ?? Math.max(...hours, from ?? -Infinity) + 1,
  };
}

/** PostgreSQL matches `group by` with the columns by their text, so there is no parameter in any of these. */
function expressionFor(grouping: Grouping, { from, to }: Range): RawBuilder<unknown> {
  switch (grouping) {
    case 'client':
      return sql.ref('client_id');
    case 'worker':
      return sql.ref('worker');
    case 'pool':
      return sql.ref('pool');
    case 'hour':
      return sql.ref('hour');
    case 'day':
      return sql`(hour - hour % ${sql.lit(DAY_MS)})`;
    case 'month':
      return monthExpression(from, to);
  }
}

function monthExpression(from: number, to: number): RawBuilder<unknown> {
  const cases: RawBuilder<unknown>[] = [];
  for (let month = monthOf(from); monthInterval(month).from < to; month = nextMonth(month)) {
    if (cases.length === MOST_MONTHS)
      throw new BadQueryError(`ask for at most ${MOST_MONTHS} months at a time`);
    const { from: start, to: end } = monthInterval(month);
    cases.push(sql`when hour < ${sql.lit(BigInt(end))} then ${sql.lit(BigInt(start))}`);
  }
  return sql`(case ${sql.join(cases, sql` `)} end)`;
}

function columnOf(grouping: Grouping): string {
  return grouping === 'client' ? 'client_id' : grouping;
}

function shown(grouping: Grouping, value: bigint | string | null | undefined): string {
  const text = String(value);
  if (grouping === 'client' || grouping === 'worker' || grouping === 'pool') return text;
  const iso = new Date(Number(text)).toISOString();
  if (grouping === 'month') return iso.slice(0, 7);
  return grouping === 'day' ? iso.slice(0, 10) : `${iso.slice(0, 19)}Z`;
}

function cursorAt(values: readonly string[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

function readCursor(cursor: string, groupings: readonly Grouping[]): (string | bigint)[] {
  let values: unknown;
  try {
    values = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    values = undefined; // said below
  }
  if (!Array.isArray(values) || values.length !== groupings.length || groupings.length === 0) {
    throw new BadQueryError('the cursor does not belong to this question');
  }
  return groupings.map((grouping, index) => {
    const text = String(values[index]);
    if (grouping === 'client' || grouping === 'worker' || grouping === 'pool') {
      refuseNul(text);
      return text;
    }
    if (!/^\d{1,16}$/.test(text)) throw new BadQueryError('the cursor does not belong to this question');
    return BigInt(text);
  });
}

function bound(value: string | bigint): RawBuilder<unknown> {
  return typeof value === 'bigint' ? sql`${sql.lit(value)}` : sql`${value}`;
}
