import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql, type Kysely } from 'kysely';
import type { LedgerTables } from '../ledger/database/schema';
import { BadQueryError, refuseNul } from './bad-query';
import { SHARES, numbersOfSums, sumColumns, usageSource, type SumRow } from './usage-sums';
import { rejected } from './usage-text';

const HOUR_MS = 3_600_000;
const STEP_MS = { hour: HOUR_MS, day: 24 * HOUR_MS } as const;
/** Points of one answer: a month of hours, three years of days. */
const MOST_POINTS = 1_100;
/** What is read at a time: SQLite answers in the turn in which it is asked, and the fold waits for its own. */
const SLICE_MS = 31 * 24 * HOUR_MS;

export const HISTORY_STEPS = ['hour', 'day'] as const;

/** What to draw: of one client, or one worker of it, between two times (milliseconds since 1970, on the hour), half-open. */
export interface HistoryQuery {
  readonly clientId: string;
  readonly worker?: string | undefined;
  readonly from: number;
  readonly to: number;
  readonly step: (typeof HISTORY_STEPS)[number];
}

/** One step of a plot. */
export interface HistoryPoint {
  /** When the step begins, milliseconds since 1970. */
  readonly at: number;
  readonly hashes: number;
  readonly accepted: number;
  readonly rejected: number;
  /** That had an accepted share. */
  readonly workers: number;
}

/** Work, shares and workers over time, out of the ledger. Steps without any are left out. Others have their turn meanwhile. */
export async function history(tables: Kysely<LedgerTables>, query: HistoryQuery): Promise<HistoryPoint[]> {
  const { clientId, worker, from, to, step } = query;
  refuseNul(clientId);
  if (worker !== undefined) refuseNul(worker);
  if (from >= to) throw new BadQueryError('from must come before to');
  if (from % HOUR_MS !== 0 || to % HOUR_MS !== 0)
    throw new BadQueryError('from and to lie on a full hour, UTC');
  const stepMs = STEP_MS[step];
  if ((to - from) / stepMs > MOST_POINTS) {
    throw new BadQueryError(`ask for at most ${MOST_POINTS} steps, or for step=day`);
  }
  const points: HistoryPoint[] = [];
  // No step lies in two slices.
  let start = from - (from % stepMs);
  for (; start < to; start += SLICE_MS) {
    const slice = { ...query, from: Math.max(from, start), to: Math.min(to, start + SLICE_MS) };
    points.push(...(await sliceOf(tables, slice)));
    await nextTurn();
  }
  return points;
}

async function sliceOf(
  tables: Kysely<LedgerTables>,
  { clientId, worker, from, to, step }: HistoryQuery,
): Promise<HistoryPoint[]> {
  const stepMs = STEP_MS[step];
  const at = sql`(hour - hour % ${sql.lit(BigInt(stepMs))})`;
  const ofWorker = worker === undefined ? sql`` : sql`and worker = ${worker}`;
  const { rows } = await sql<SumRow & { at: bigint; workers: bigint | string }>`
    select ${at} as at, count(distinct case when accepted > 0 then worker end) as workers, ${sumColumns(SHARES)}
    from ${usageSource(true, SHARES)}
    where client_id = ${clientId} and hour >= ${BigInt(from)} and hour < ${BigInt(to)} ${ofWorker}
    group by ${at} order by ${at}`.execute(tables);
  return rows.map((row) => {
    const numbers = numbersOfSums(row);
    return {
      at: Number(row.at),
      hashes: Number(numbers.get('accepted_hashes') ?? 0n),
      accepted: Number(numbers.get('accepted') ?? 0n),
      rejected: Number(rejected(numbers)),
      workers: Number(row.workers),
    };
  });
}
