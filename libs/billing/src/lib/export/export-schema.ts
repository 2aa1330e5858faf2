import { randomUUID } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import type { LedgerKind } from '../ledger/database/database';

/** One row: what this ledger is called wherever its events go, also after it was copied or restored. */
export interface LedgerIdentityTable {
  ledger_id: string;
}

/** Hours of a journal in which there is usage. Times are milliseconds since 1970. */
export interface ExportHoursTable {
  journal_id: string;
  hour: bigint;
  /** Grows with each fold that changes the hour. */
  changes: bigint;
  /** The `changes` up to which events are made; all of it where the two are the same. */
  prepared: bigint;
  /** When the first change came for which there may be no event yet: the journal's time. */
  since: bigint;
}

/** What all events of a key say together, so that the next one says the rest. */
export interface ExportSumsTable {
  journal_id: string;
  hour: bigint;
  client_id: string;
  worker: string;
  pool: string;
  /** Events that were made. */
  parts: bigint;
  /** JSON: whole numbers as text by their names, without zeros. */
  numbers: string;
}

/** Events that the receiver has not confirmed, as they are sent. */
export interface ExportEventsTable {
  journal_id: string;
  hour: bigint;
  event_id: string;
  /** Since when it waits. */
  since: bigint;
  /** JSON, to the byte. */
  event: string;
}

/** Who sends the events of a journal. `until` is milliseconds since 1970. */
export interface ExportSendersTable {
  journal_id: string;
  /** The journal of the process that sends. */
  sender: string;
  until: bigint;
}

export interface ExportTables {
  ledger_identity: LedgerIdentityTable;
  export_hours: ExportHoursTable;
  export_sums: ExportSumsTable;
  export_events: ExportEventsTable;
  export_senders: ExportSendersTable;
}

/** A step of the schema: what is known of usage that was sent. All hours that there are have changed since it was. */
export async function addExport(database: Kysely<unknown>, kind: LedgerKind): Promise<void> {
  const text = kind === 'postgres' ? sql`text collate "C"` : sql`text`;
  const { schema } = database;
  await schema
    .createTable('ledger_identity')
    .addColumn('ledger_id', text, (column) => column.primaryKey())
    .execute();
  await sql`insert into ledger_identity values (${randomUUID()})`.execute(database);
  await schema
    .createTable('export_hours')
    .addColumn('journal_id', text, (column) => column.notNull())
    .addColumn('hour', 'bigint', (column) => column.notNull())
    .addColumn('changes', 'bigint', (column) => column.notNull())
    .addColumn('prepared', 'bigint', (column) => column.notNull())
    .addColumn('since', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('export_hours_key', ['journal_id', 'hour'])
    .execute();
  await sql`
    create index export_hours_waiting on export_hours (journal_id, hour) where prepared < changes`.execute(
    database,
  );
  // From one hour to the next by the key: a ledger of years has millions of rows in each thousand of its hours.
  await sql`
    insert into export_hours
    with recursive hours (journal_id, hour) as (
      select journal_id, (select min(hour) from usage where usage.journal_id = journals.journal_id) from journals
      union all
      select journal_id, (
        select min(hour) from usage where usage.journal_id = hours.journal_id and usage.hour > hours.hour)
      from hours where hour is not null)
    select journal_id, hour, 1, 0, hour from hours where hour is not null
    union
    select journal_id, hour, 1, 0, hour from corrections`.execute(database);
  await schema
    .createTable('export_sums')
    .addColumn('journal_id', text, (column) => column.notNull())
    .addColumn('hour', 'bigint', (column) => column.notNull())
    .addColumn('client_id', text, (column) => column.notNull())
    .addColumn('worker', text, (column) => column.notNull())
    .addColumn('pool', text, (column) => column.notNull())
    .addColumn('parts', 'bigint', (column) => column.notNull())
    .addColumn('numbers', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('export_sums_key', ['journal_id', 'hour', 'client_id', 'worker', 'pool'])
    .execute();
  await schema
    .createTable('export_events')
    .addColumn('journal_id', text, (column) => column.notNull())
    .addColumn('hour', 'bigint', (column) => column.notNull())
    .addColumn('event_id', text, (column) => column.notNull())
    .addColumn('since', 'bigint', (column) => column.notNull())
    .addColumn('event', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('export_events_key', ['journal_id', 'hour', 'event_id'])
    .execute();
  await schema
    .createTable('export_senders')
    .addColumn('journal_id', text, (column) => column.primaryKey())
    .addColumn('sender', text, (column) => column.notNull())
    .addColumn('until', 'bigint', (column) => column.notNull())
    .execute();
}
