import { sql, type Kysely, type Transaction } from 'kysely';
import type { LedgerTables } from '../ledger/database/schema';

/** Longer than the longest pause between two attempts. */
const LEASE_MS = 600_000;
/** A journal that nothing was heard of for so long has lost its proxy, or it was stopped. */
const ABANDONED_AFTER_MS = 3_600_000;

/** A journal whose events this process sends. */
export interface SentJournal {
  readonly journalId: string;
  /** All of it that happened before is in the ledger, as far as anybody knows; milliseconds since 1970. */
  readonly completeThrough: number;
}

/**
 * The journals whose events are this process's to send: its own, which is `sender`, and those which nobody folds any more
 * and nobody else sends. A proxy that comes back takes its own again.
 */
export async function journalsToSend(
  tables: Kysely<LedgerTables>,
  sender: string,
  now: number,
): Promise<readonly SentJournal[]> {
  const own = await tables
    .selectFrom('journals')
    .select('folded_through')
    .where('journal_id', '=', sender)
    .executeTakeFirst();
  const { rows: abandoned } = await sql<{ journal_id: string }>`
    select journal_id from journals
    where journal_id <> ${sender} and folded_through < ${BigInt(now - ABANDONED_AFTER_MS)}
      and not exists (
        select 1 from export_senders where export_senders.journal_id = journals.journal_id
        and export_senders.sender <> ${sender} and export_senders.until >= ${BigInt(now)})
      and (
        exists (
          select 1 from export_hours where export_hours.journal_id = journals.journal_id
          and export_hours.prepared < export_hours.changes)
        or exists (select 1 from export_events where export_events.journal_id = journals.journal_id))
    order by journal_id`.execute(tables);
  return [
    // A clock that was ahead for a while has left a time that is still to come.
    ...(own ? [{ journalId: sender, completeThrough: Math.min(now, Number(own.folded_through)) }] : []),
    ...abandoned.map(({ journal_id: journalId }) => ({ journalId, completeThrough: now })),
  ];
}

/**
 * Takes a journal for a while, until the end of the transaction for good: two processes never make its events at once.
 * Returns false where another one has it. Its own journal is always a process's.
 */
export async function claimJournal(
  step: Transaction<LedgerTables>,
  journalId: string,
  sender: string,
  now: number,
): Promise<boolean> {
  const mayTake =
    journalId === sender
      ? sql<boolean>`1 = 1`
      : sql<boolean>`(export_senders.sender = ${sender} or export_senders.until < ${BigInt(now)})`;
  const { numInsertedOrUpdatedRows } = await step
    .insertInto('export_senders')
    .values({ journal_id: journalId, sender, until: BigInt(now + LEASE_MS) })
    .onConflict((conflict) =>
      conflict
        .column('journal_id')
        .doUpdateSet((row) => ({ sender: row.ref('excluded.sender'), until: row.ref('excluded.until') }))
        .where(mayTake),
    )
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}
