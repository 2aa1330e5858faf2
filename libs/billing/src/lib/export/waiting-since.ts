import type { Kysely } from 'kysely';
import type { LedgerTables } from '../ledger/database/schema';
import { firstUnfinished, waitsSince } from './event-maker';
import type { SentJournal } from './senders';

/** Since when the oldest usage of these journals waits that could have been sent; null where nothing waits. */
export async function waitingSince(
  tables: Kysely<LedgerTables>,
  journals: readonly SentJournal[],
  from: number,
): Promise<number | null> {
  let oldest = Infinity;
  for (const journal of journals) {
    const { journalId } = journal;
    const event = await tables
      .selectFrom('export_events')
      .select(({ fn }) => fn.min('since').as('since'))
      .where('journal_id', '=', journalId)
      .executeTakeFirst();
    if (typeof event?.since === 'bigint') oldest = Math.min(oldest, Number(event.since));
    const hours = await tables
      .selectFrom('export_hours')
      .select(['hour', 'prepared', 'since'])
      .where('journal_id', '=', journalId)
      .where('hour', '>=', BigInt(from))
      .where('hour', '<', BigInt(firstUnfinished(journal)))
      .whereRef('prepared', '<', 'changes')
      .execute();
    for (const hour of hours) oldest = Math.min(oldest, waitsSince(hour));
  }
  return oldest === Infinity ? null : oldest;
}
