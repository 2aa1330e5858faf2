import type { Kysely, Transaction } from 'kysely';
import { BlockStatement, type RowValues } from '../ledger/database/block-statement';
import type { LedgerKind } from '../ledger/database/database';
import type { LedgerTables } from '../ledger/database/schema';
import type { ExportEventsTable } from './export-schema';

/** Events that wait for the receiver, in the order in which they are sent. */
export type WaitingEvent = Pick<ExportEventsTable, 'journal_id' | 'hour' | 'event_id' | 'event'>;

const ADD = new BlockStatement<ExportEventsTable>(
  ['journal_id', 'hour', 'event_id', 'since', 'event'],
  (step, block) => step.insertInto('export_events').values(block),
);

/** Puts rows, in the order of the table's columns, where they wait. */
export async function addEvents(
  step: Transaction<LedgerTables>,
  kind: LedgerKind,
  rows: readonly RowValues[],
): Promise<void> {
  await ADD.run(step, kind, rows);
}

/** The next events of a journal, the oldest hour first. */
export function waitingEvents(
  tables: Kysely<LedgerTables>,
  journalId: string,
  limit: number,
): Promise<readonly WaitingEvent[]> {
  return tables
    .selectFrom('export_events')
    .select(['journal_id', 'hour', 'event_id', 'event'])
    .where('journal_id', '=', journalId)
    .orderBy('hour')
    .orderBy('event_id')
    .limit(limit)
    .execute();
}

/** The receiver has confirmed them: they are never sent again. */
export async function forgetEvents(
  tables: Kysely<LedgerTables>,
  journalId: string,
  events: readonly WaitingEvent[],
): Promise<void> {
  const ids = events.map(({ event_id }) => event_id);
  await tables
    .deleteFrom('export_events')
    .where('journal_id', '=', journalId)
    .where('event_id', 'in', ids)
    .execute();
}
