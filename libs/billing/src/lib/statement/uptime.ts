import { sql, type Kysely } from 'kysely';
import { monthInterval } from '../ledger/database/calendar';
import type { LedgerKind } from '../ledger/database/database';
import type { LedgerTables, UptimeTable } from '../ledger/database/schema';
import { UNASSIGNED } from '../identity/client-directory';
import { decimalText, fixedText, roundedQuotient } from './decimal';

/** How long the client's machines were connected in a month. Seconds and the ratio are exact decimal text. */
export interface Uptime {
  /** All sessions' durations together. */
  readonly session_seconds: string;
  /** For each worker the time in which it had at least one session, added. */
  readonly connected_seconds: string;
  /** For each worker the time of the month since it was first seen in it, up to now, added. */
  readonly elapsed_seconds: string;
  /** The mean over the workers of connected / elapsed, to 6 places; null where no worker was connected. */
  readonly ratio: string | null;
  /** How many workers that is; absent in a month that was closed when uptime was not by worker yet. */
  readonly workers?: number;
}

const RATE_PLACES = 6;
/** Of each worker's ratio, so that the mean of many is still exact in its own places. */
const WORKER_PLACES = 12;
const HOUR_MS = 3_600_000n;

type WorkerTime = Pick<UptimeTable, 'worker' | 'first_seen' | 'connected_ms'>;

interface UptimeQuestion {
  readonly clientId: string;
  readonly month: string;
  /** Milliseconds since 1970: ends the elapsed time of a month that is not over. */
  readonly now: number;
  /** What all sessions of the month lasted, together. */
  readonly sessionMs: bigint;
}

/** The uptime of a client. A month that was closed says the same for good. */
export async function uptimeOf(
  snapshot: Kysely<LedgerTables>,
  kind: LedgerKind,
  question: UptimeQuestion,
): Promise<Uptime> {
  const period = await snapshot
    .selectFrom('periods')
    .select('uptime_by')
    .where('month', '=', question.month)
    .executeTakeFirst();
  if (period?.uptime_by === 'hour') return uptimeByHour(snapshot, question);
  const { clientId, month, now, sessionMs } = question;
  const { to } = monthInterval(month);
  const isSettled = period !== undefined || (await hasSettledUptime(snapshot, month));
  const times = await (isSettled
    ? settledTimes(snapshot, clientId, month)
    : connectedTimes(snapshot, kind, month, clientId));
  const named = times.filter(({ worker }) => worker !== '');
  // Sessions without a login are scans and checks, unless none at all has one: then they are the machines.
  const counted = (named.length > 0 ? named : times).map(
    ({ first_seen: firstSeen, connected_ms: connected }) => ({
      connected,
      elapsed: positive(BigInt(Math.min(now, to)) - firstSeen),
    }),
  );
  const sum = counted.reduce((total, one) => total + ratioOf(one), 0n);
  return {
    session_seconds: decimalText(sessionMs, 3),
    connected_seconds: decimalText(total(counted.map(({ connected }) => connected)), 3),
    elapsed_seconds: decimalText(total(counted.map(({ elapsed }) => elapsed)), 3),
    ratio:
      counted.length === 0
        ? null
        : fixedText(
            roundedQuotient(sum, BigInt(counted.length) * 10n ** BigInt(WORKER_PLACES), RATE_PLACES),
            RATE_PLACES,
          ),
    workers: counted.length,
  };
}

/**
 * Writes down for good what the workers of all clients were connected for in a month. Does nothing where that was done
 * before. Belongs into a transaction that has the lock of a close.
 */
export async function settleUptime(
  step: Kysely<LedgerTables>,
  kind: LedgerKind,
  month: string,
): Promise<void> {
  if (await hasSettledUptime(step, month)) return;
  await sql`
    insert into uptime (month, client_id, worker, first_seen, connected_ms)
    select ${month}, client_id, worker, first_seen, connected_ms from (${timesQuery(kind, month)}) times`.execute(
    step,
  );
}

async function hasSettledUptime(tables: Kysely<LedgerTables>, month: string): Promise<boolean> {
  const row = await tables
    .selectFrom('uptime')
    .select('month')
    .where('month', '=', month)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

function settledTimes(tables: Kysely<LedgerTables>, clientId: string, month: string): Promise<WorkerTime[]> {
  return tables
    .selectFrom('uptime')
    .select(['worker', 'first_seen', 'connected_ms'])
    .where('month', '=', month)
    .where('client_id', '=', clientId)
    .execute();
}

/** A client has at most `worker_names` and their overflow, so that all of its rows fit into memory. */
async function connectedTimes(
  tables: Kysely<LedgerTables>,
  kind: LedgerKind,
  month: string,
  clientId: string,
): Promise<WorkerTime[]> {
  const { rows } = await sql<WorkerTime>`
    select worker, first_seen, connected_ms from (${timesQuery(kind, month, clientId)}) times`.execute(
    tables,
  );
  return rows;
}

/**
 * For each client and worker: when it was first seen in the month, and the union of its sessions' time. In the order of
 * their beginning, each stretch adds what lies behind the furthest end before it.
 */
function timesQuery(kind: LedgerKind, month: string, clientId?: string) {
  const { from, to } = monthInterval(month);
  const [larger, smaller] = kind === 'postgres' ? ['greatest', 'least'] : ['max', 'min'];
  const most = (...values: unknown[]) => sql`${sql.raw(larger)}(${sql.join(values)})`;
  const least = (...values: unknown[]) => sql`${sql.raw(smaller)}(${sql.join(values)})`;
  const cut = sql`
    ${most(sql`s.connected_from`, sql.lit(from))} as a, ${least(sql`s.connected_to`, sql.lit(to))} as b`;
  const who = sql`coalesce(s.client_id, ${sql.lit(UNASSIGNED)}) as client_id, coalesce(s.worker, '') as worker`;
  const within = sql`s.connected_to > ${sql.lit(from)} and s.connected_from < ${sql.lit(to)}`;
  const own =
    clientId === undefined
      ? sql`true`
      : clientId === UNASSIGNED
        ? sql`(s.client_id = ${clientId} or s.client_id is null)`
        : sql`s.client_id = ${clientId}`;
  return sql`
    select client_id, worker, min(a) as first_seen,
      cast(sum(${most(sql`0`, sql`b - ${most(sql`a`, sql`coalesce(p, a)`)}`)}) as bigint) as connected_ms
    from (
      select client_id, worker, a, b,
        max(b) over (partition by client_id, worker order by a, b rows between unbounded preceding and 1 preceding) as p
      from (
        select ${who}, ${cut} from sessions s where ${own} and ${within}
        union all
        select ${who}, ${cut} from (
          select sessions.client_id, sessions.worker, e.connected_from, e.connected_to
          from earlier_connections e join sessions
            on sessions.journal_id = e.journal_id and sessions.session_id = e.session_id
        ) s where ${own} and ${within}
      ) stretches
    ) ordered
    group by client_id, worker`;
}

/** What uptime was before schema 4: each hour's session seconds, but at most 3,600. */
async function uptimeByHour(
  snapshot: Kysely<LedgerTables>,
  { clientId, month, now, sessionMs }: UptimeQuestion,
): Promise<Uptime> {
  const { from, to } = monthInterval(month);
  const hours = await snapshot
    .selectFrom('usage')
    .select(({ fn }) => fn.sum<bigint | string>('session_ms').as('ms'))
    .where('client_id', '=', clientId)
    .where('hour', '>=', BigInt(from))
    .where('hour', '<', BigInt(to))
    .groupBy('hour')
    .execute();
  const connected = total(hours.map(({ ms }) => (BigInt(ms) < HOUR_MS ? BigInt(ms) : HOUR_MS)));
  const elapsed = positive(BigInt(Math.min(now, to) - from));
  return {
    session_seconds: decimalText(sessionMs, 3),
    connected_seconds: decimalText(connected, 3),
    elapsed_seconds: decimalText(elapsed, 3),
    ratio: fixedText(elapsed === 0n ? 0n : roundedQuotient(connected, elapsed, RATE_PLACES), RATE_PLACES),
  };
}

/** In units of 10^-`WORKER_PLACES`. At most 1: the clocks of journals may be before ours. */
function ratioOf({ connected, elapsed }: { readonly connected: bigint; readonly elapsed: bigint }): bigint {
  if (elapsed <= connected) return connected === 0n ? 0n : 10n ** BigInt(WORKER_PLACES);
  return roundedQuotient(connected, elapsed, WORKER_PLACES);
}

function total(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + value, 0n);
}

function positive(value: bigint): bigint {
  return value > 0n ? value : 0n;
}
