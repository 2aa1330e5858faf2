import { sql, type Kysely } from 'kysely';
import type { LedgerTables } from '../ledger/database/schema';
import type { RememberedWorker } from '../workers/worker-table';
import type { HourOfWork } from '../workers/work-windows';
import { rejected } from './usage-text';
import { numbersOfSums, sumColumns, type SumRow } from './usage-sums';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Which workers to tell of: those seen since `since` (milliseconds since 1970), behind `after`, so many. */
export interface RememberedQuery {
  readonly since: number;
  readonly now: number;
  readonly after?: { readonly clientId: string; readonly worker: string } | undefined;
  readonly limit: number;
}

/** Workers whom the ledger has seen lately, by client and name, with their last 24 hours. */
export async function rememberedWorkers(
  tables: Kysely<LedgerTables>,
  { since, now, after, limit }: RememberedQuery,
): Promise<RememberedWorker[]> {
  const behind = after ? sql`and (client_id, worker) > (${after.clientId}, ${after.worker})` : sql``;
  const from = Math.floor((now - DAY_MS) / HOUR_MS) * HOUR_MS;
  // A session is its first worker's; those that came on sessions of others are known by their shares.
  const { rows: seen } = await sql<{ client_id: string; worker: string; first_at: bigint; last_at: bigint }>`
    select client_id, worker, min(first_at) as first_at, max(last_at) as last_at from (
      select client_id, worker, opened_at as first_at, coalesce(closed_at, last_at) as last_at
      from sessions
      where last_at >= ${BigInt(since)} and client_id is not null and worker is not null ${behind}
      union all
      select client_id, worker, hour as first_at, hour as last_at from usage
      where hour >= ${BigInt(from)} and worker <> '' ${behind}
    ) as seen
    group by client_id, worker order by client_id, worker limit ${BigInt(limit)}`.execute(tables);
  const [first, last] = [seen[0], seen.at(-1)];
  if (!first || !last) return [];
  const hours = new Map<string, HourOfWork[]>();
  const { rows } = await sql<SumRow & { client_id: string; worker: string; hour: bigint }>`
    select client_id, worker, hour, ${sumColumns()} from usage
    where hour >= ${BigInt(from)}
      and (client_id, worker) >= (${first.client_id}, ${first.worker})
      and (client_id, worker) <= (${last.client_id}, ${last.worker})
    group by client_id, worker, hour`.execute(tables);
  for (const row of rows) {
    const numbers = numbersOfSums(row);
    const number = (name: 'accepted' | 'accepted_stale' | 'accepted_hashes') =>
      Number(numbers.get(name) ?? 0n);
    const key = `${row.client_id}\0${row.worker}`;
    const known = hours.get(key) ?? [];
    known.push({
      hour: Number(row.hour),
      hashes: number('accepted_hashes'),
      accepted: number('accepted'),
      rejected: Number(rejected(numbers)),
      stale: number('accepted_stale'),
    });
    hours.set(key, known);
  }
  return seen.map(({ client_id: clientId, worker, first_at, last_at }) => ({
    clientId,
    worker,
    firstSeenAt: Number(first_at),
    lastSeenAt: Number(last_at),
    hours: hours.get(`${clientId}\0${worker}`) ?? [],
  }));
}
