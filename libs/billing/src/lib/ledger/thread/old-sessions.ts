import { sql } from 'kysely';
import { settleUptime } from '../../statement/uptime';
import { monthInterval, monthOf, nextMonth } from '../database/calendar';
import type { LedgerDatabase } from '../database/database';
import { lockedTransaction, takeFoldLock } from '../database/fold-lock';

const REMOVED_AT_A_TIME = 5_000;

/**
 * Removes sessions that ended in a month before the one of `endedBefore`, the oldest first; few enough to hold up nobody.
 * Uptime of those months, which is made of sessions, is settled before, where they were never closed.
 */
export async function removeOldSessions(
  { tables, kind }: LedgerDatabase,
  endedBefore: number,
): Promise<void> {
  const { from: limit } = monthInterval(monthOf(endedBefore));
  const old = await tables
    .selectFrom('sessions')
    .select(({ fn }) => fn.min('connected_from').as('from'))
    .select(({ fn }) => fn.count<bigint | string>('session_id').as('sessions'))
    .where('closed_at', '<', BigInt(limit))
    .executeTakeFirstOrThrow();
  if (BigInt(old.sessions) === 0n) return;
  await lockedTransaction(tables).execute(async (step) => {
    await takeFoldLock(step, kind, 'close');
    let month = monthOf(old.from === null ? limit : Number(old.from));
    for (; monthInterval(month).to <= limit; month = nextMonth(month)) await settleUptime(step, kind, month);
    await sql`
      delete from sessions where (journal_id, session_id) in (
        select journal_id, session_id from sessions where closed_at < ${BigInt(limit)}
        order by closed_at limit ${BigInt(REMOVED_AT_A_TIME)})`.execute(step);
    await sql`
      delete from earlier_connections where not exists (
        select 1 from sessions where sessions.journal_id = earlier_connections.journal_id
        and sessions.session_id = earlier_connections.session_id)`.execute(step);
  });
}
