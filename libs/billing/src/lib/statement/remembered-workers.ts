import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { LedgerTables } from '../ledger/database/schema';
import type { RememberedWorker } from '../workers/worker-table';
import type { HourOfWork } from '../workers/work-windows';
import { rejected } from './usage-text';
import { SHARES, numbersOfSums, sumColumns, type SumRow } from './usage-sums';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Which workers to tell of: those seen since `since` (milliseconds since 1970); of these so many, from that one on. */
export interface RememberedQuery {
  readonly since: number;
  readonly now: number;
  readonly offset: number;
  readonly limit: number;
}

/**
 * Tells of the workers whom the ledger has seen lately, with their last 24 hours, a page at a time. All of them are read for
 * the first page, an hour's rows at a time so that others have their turn, and kept until the last one.
 */
export class RememberedWorkers {
  private found: readonly RememberedWorker[] = [];

  async page(
    tables: Kysely<LedgerTables>,
    { since, now, offset, limit }: RememberedQuery,
  ): Promise<readonly RememberedWorker[]> {
    if (offset === 0) this.found = await workersSeen(tables, since, now);
    const page = this.found.slice(offset, offset + limit);
    if (offset + limit >= this.found.length) this.found = [];
    return page;
  }
}

async function workersSeen(
  tables: Kysely<LedgerTables>,
  since: number,
  now: number,
): Promise<RememberedWorker[]> {
  const seen = new Seen();
  // A session is its first worker's; those that came on sessions of others are known by their shares.
  const sessions = async (which: RawBuilder<unknown>) => {
    const { rows } = await sql<SeenRow & { first_at: bigint; last_at: bigint }>`
      select client_id, worker, min(opened_at) as first_at, max(last_at) as last_at from sessions
      where ${which} and client_id is not null and worker is not null
      group by client_id, worker`.execute(tables);
    for (const row of rows) seen.at(row, Number(row.first_at), Number(row.last_at));
    await nextTurn();
  };
  await sessions(sql`closed_at is null and last_at >= ${BigInt(since)}`);
  for (let from = since; from <= now; from += HOUR_MS) {
    await sessions(sql`closed_at >= ${BigInt(from)} and closed_at < ${BigInt(from + HOUR_MS)}`);
  }
  for (let hour = Math.floor((now - DAY_MS) / HOUR_MS) * HOUR_MS; hour <= now; hour += HOUR_MS) {
    const { rows } = await sql<SumRow & SeenRow>`
      select client_id, worker, ${sumColumns(SHARES)} from usage
      where hour = ${BigInt(hour)} and worker <> ''
      group by client_id, worker`.execute(tables);
    for (const row of rows) seen.at(row, hour, hour).push(workOf(hour, row));
    await nextTurn();
  }
  return [...seen.workers.values()];
}

interface SeenRow {
  readonly client_id: string;
  readonly worker: string;
}

/** Workers by client and name. */
class Seen {
  readonly workers = new Map<string, RememberedWorker & { firstSeenAt: number; lastSeenAt: number }>();

  /** Its hours. */
  at({ client_id: clientId, worker }: SeenRow, firstSeenAt: number, lastSeenAt: number): HourOfWork[] {
    const key = `${clientId}\0${worker}`;
    const known = this.workers.get(key);
    const hours = known ? (known.hours as HourOfWork[]) : [];
    this.workers.set(key, {
      clientId,
      worker,
      firstSeenAt: Math.min(firstSeenAt, known?.firstSeenAt ?? firstSeenAt),
      lastSeenAt: Math.max(lastSeenAt, known?.lastSeenAt ?? lastSeenAt),
      hours,
    });
    return hours;
  }
}

function workOf(hour: number, row: SumRow): HourOfWork {
  const numbers = numbersOfSums(row);
  const number = (name: 'accepted' | 'accepted_stale' | 'accepted_hashes') => Number(numbers.get(name) ?? 0n);
  return {
    hour,
    hashes: number('accepted_hashes'),
    accepted: number('accepted'),
    rejected: Number(rejected(numbers)),
    stale: number('accepted_stale'),
  };
}
