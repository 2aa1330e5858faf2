import { sql, type Kysely, type RawBuilder } from 'kysely';
import { REJECTION_REASONS } from '@mining-proxy/stratum-parser';
import { monthInterval, monthOf } from '../ledger/database/calendar';
import { readSnapshot, type LedgerDatabase, type LedgerKind } from '../ledger/database/database';
import type { LedgerTables } from '../ledger/database/schema';
import type { UsageNumbers } from '../ledger/fold/usage-numbers';
import { refuseNul } from './bad-query';
import { fixedText, roundedQuotient } from './decimal';
import { closedPeriod, ratesAtClose, type ClosedPeriod } from './period';
import { priced, type Amounts, type Rates } from './rates';
import { numbersOfSums, sumColumns, type SumRow } from './usage-sums';
import { uptimeOf, type Uptime } from './uptime';
import { rejected, usageText, type UsageText } from './usage-text';

/** A client's month. All times are UTC, the interval is half-open, all numbers are exact decimal text. */
export interface Statement {
  readonly client_id: string;
  readonly month: string;
  readonly from: string;
  readonly to: string;
  /** Null while the month is open: its numbers may still grow. */
  readonly closed: ClosedPeriod | null;
  readonly usage: UsageText;
  /** Rejected shares as a part of those that were answered with a yes or a no, to 6 places. */
  readonly reject_rate: string;
  readonly reject_rate_by_reason: Readonly<Record<string, string>>;
  readonly uptime: Uptime;
  /** Usage of earlier, closed months that became known too late for them and is billed here. */
  readonly corrections: readonly {
    readonly month: string;
    readonly usage: UsageText;
    readonly amounts: Amounts | null;
  }[];
  /** What `usage` costs; null without rates. */
  readonly amounts: Amounts | null;
  /** `amounts` and those of all corrections; null without rates. */
  readonly total: string | null;
  /** How far each proxy's journal was folded when this was made: an open month is complete up to the earliest. */
  readonly journals: readonly JournalProgress[];
}

/** The journal of one proxy and the time, UTC, of the last record of it that is folded. */
export interface JournalProgress {
  readonly journal_id: string;
  readonly instance: string;
  readonly folded_through: string;
}

const RATE_PLACES = 6;

/**
 * Whose month, YYYY-MM, and at what rates. `now`, milliseconds since 1970, ends the uptime of a month that is
 * not over.
 */
export interface StatementOptions {
  readonly clientId: string;
  readonly month: string;
  /** What holds now; a month that was closed with rates keeps those. */
  readonly rates: Rates | null;
  readonly now: number;
}

/** Makes a client's statement from one state of the ledger. */
export async function statementFor(database: LedgerDatabase, options: StatementOptions): Promise<Statement> {
  refuseNul(options.clientId);
  return readSnapshot(database, (snapshot) => makeStatement(snapshot, database.kind, options));
}

async function makeStatement(
  snapshot: Kysely<LedgerTables>,
  kind: LedgerKind,
  { clientId, month, now, ...options }: StatementOptions,
): Promise<Statement> {
  // What a closed month costs does not change with the rates of later months.
  const rates = (await ratesAtClose(snapshot, month)) ?? options.rates;
  const interval = monthInterval(month);
  const numbers = await sumsOf(snapshot, sql`usage`, ofMonth(clientId, month));
  const corrections = await correctionsIn(snapshot, clientId, month, rates);
  const amounts = rates && priced(rates, clientId, numbers, true);
  const answered = rejected(numbers) + (numbers.get('accepted') ?? 0n);
  const rate = (part: bigint) =>
    fixedText(answered === 0n ? 0n : roundedQuotient(part, answered, RATE_PLACES), RATE_PLACES);
  return {
    client_id: clientId,
    month,
    from: isoOf(interval.from),
    to: isoOf(interval.to),
    closed: (await closedPeriod(snapshot, month)) ?? null,
    usage: usageText(numbers),
    reject_rate: rate(rejected(numbers)),
    reject_rate_by_reason: Object.fromEntries(
      REJECTION_REASONS.map((reason) => [reason, rate(numbers.get(`rejected_${reason}`) ?? 0n)]),
    ),
    uptime: await uptimeOf(snapshot, kind, {
      clientId,
      month,
      now,
      sessionMs: numbers.get('session_ms') ?? 0n,
    }),
    corrections,
    amounts,
    total: rates && totalOf(rates, [amounts, ...corrections.map((correction) => correction.amounts)]),
    journals: await journalsOf(snapshot),
  };
}

function ofMonth(clientId: string, month: string): RawBuilder<unknown> {
  const { from, to } = monthInterval(month);
  return sql`client_id = ${clientId} and hour >= ${BigInt(from)} and hour < ${BigInt(to)}`;
}

async function sumsOf(
  snapshot: Kysely<LedgerTables>,
  source: RawBuilder<unknown>,
  condition: RawBuilder<unknown>,
): Promise<UsageNumbers> {
  const { rows } = await sql<SumRow>`select ${sumColumns()} from ${source} where ${condition}`.execute(
    snapshot,
  );
  return numbersOfSums(rows[0] ?? {});
}

async function correctionsIn(
  snapshot: Kysely<LedgerTables>,
  clientId: string,
  month: string,
  rates: Rates | null,
): Promise<Statement['corrections']> {
  const { rows } = await sql<{ hour: bigint }>`
    select distinct hour from corrections where client_id = ${clientId} and booked_month = ${month}`.execute(
    snapshot,
  );
  const months = [...new Set(rows.map(({ hour }) => monthOf(Number(hour))))].sort();
  const corrections = [];
  for (const corrected of months) {
    const condition = sql`${ofMonth(clientId, corrected)} and booked_month = ${month}`;
    const numbers = await sumsOf(snapshot, sql`corrections`, condition);
    const amounts = rates && priced(rates, clientId, numbers, false);
    corrections.push({ month: corrected, usage: usageText(numbers), amounts });
  }
  return corrections;
}

function totalOf({ decimals }: Rates, parts: readonly (Amounts | null)[]): string {
  // Amounts have all their places: without the point they are whole numbers of the smallest unit.
  const units = parts.map((part) => BigInt(part?.total.replace('.', '') ?? 0));
  return fixedText(
    units.reduce((sum, unit) => sum + unit, 0n),
    decimals,
  );
}

async function journalsOf(snapshot: Kysely<LedgerTables>): Promise<JournalProgress[]> {
  const rows = await snapshot
    .selectFrom('journals')
    .select(['journal_id', 'instance', 'folded_through'])
    .orderBy('journal_id')
    .execute();
  return rows.map((row) => ({ ...row, folded_through: isoOf(Number(row.folded_through)) }));
}

function isoOf(time: number): string {
  return new Date(time).toISOString();
}
