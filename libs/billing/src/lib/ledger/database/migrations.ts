import { sql, type CreateTableBuilder, type Kysely } from 'kysely';
import { addExport } from '../../export/export-schema';
import type { LedgerKind } from './database';
import { AUDIT_COUNTERS, FIRST_COUNTERS, LIMB, WIDE } from '../fold/usage-numbers';

/** One step of the schema. Never edited once it was released: a later step changes what it made. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  up(database: Kysely<unknown>, kind: LedgerKind): Promise<void>;
}

/** All steps, in the order in which they are taken; a ledger has the version of its last one. */
export const MIGRATIONS: readonly Migration[] = [
  { version: 1, name: 'the ledger', up: makeLedger },
  { version: 2, name: 'views for people', up: makeViews },
  { version: 3, name: 'rates of closed months, age of sessions', up: addRatesAndAge },
  { version: 4, name: 'uptime of workers', up: addUptime },
  { version: 5, name: 'proofs of sessions, and where pools sent miners', up: addProofs },
  { version: 6, name: 'verdicts of the audit', up: addVerdicts },
  { version: 7, name: 'blocks', up: addBlocks },
  { version: 8, name: 'usage export', up: addExport },
];

async function makeLedger(database: Kysely<unknown>, kind: LedgerKind): Promise<void> {
  // The order of bytes in both databases: hashes over rows depend on it.
  const text = kind === 'postgres' ? sql`text collate "C"` : sql`text`;
  const { schema } = database;

  const usageColumns = <T extends string>(table: CreateTableBuilder<T>) => {
    let made: CreateTableBuilder<T, string> = table;
    for (const name of ['journal_id', 'session_id', 'client_id', 'worker', 'pool', 'dialect']) {
      made = made.addColumn(name, text, (column) => column.notNull());
    }
    made = made.addColumn('hour', 'bigint', (column) => column.notNull());
    const numbers = [...FIRST_COUNTERS, ...WIDE.flatMap((name) => [`${name}_high`, `${name}_low`])];
    for (const name of numbers) {
      made = made.addColumn(name, 'bigint', (column) => column.notNull().defaultTo(0));
    }
    return made;
  };

  await usageColumns(schema.createTable('usage'))
    .addPrimaryKeyConstraint('usage_key', [
      'journal_id',
      'hour',
      'client_id',
      'worker',
      'pool',
      'dialect',
      'session_id',
    ])
    .execute();
  await usageColumns(schema.createTable('corrections'))
    .addColumn('booked_month', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('corrections_key', [
      'journal_id',
      'booked_month',
      'hour',
      'client_id',
      'worker',
      'pool',
      'dialect',
      'session_id',
    ])
    .execute();
  for (const table of ['usage', 'corrections'] as const) {
    await schema.createIndex(`${table}_by_hour`).on(table).columns(['hour', 'client_id']).execute();
    await schema.createIndex(`${table}_by_client`).on(table).columns(['client_id', 'hour']).execute();
    await schema
      .createIndex(`${table}_without_client`)
      .on(table)
      .columns(['journal_id', 'session_id'])
      .where(sql.ref('session_id'), '<>', sql.lit(''))
      .execute();
  }

  await schema
    .createTable('sessions')
    .addColumn('journal_id', text, (column) => column.notNull())
    .addColumn('session_id', text, (column) => column.notNull())
    .addColumn('run', 'bigint', (column) => column.notNull())
    .addColumn('listener', text, (column) => column.notNull())
    .addColumn('pool', text, (column) => column.notNull())
    .addColumn('source', text, (column) => column.notNull())
    .addColumn('opened_at', 'bigint', (column) => column.notNull())
    .addColumn('client_id', text)
    .addColumn('worker', text)
    .addColumn('dialect', text, (column) => column.notNull())
    .addColumn('last_at', 'bigint', (column) => column.notNull())
    .addColumn('closed_at', 'bigint')
    .addColumn('side', text)
    .addColumn('code', text)
    .addColumn('bytes_sent', 'bigint', (column) => column.notNull())
    .addColumn('bytes_received', 'bigint', (column) => column.notNull())
    .addColumn('session_ms', 'bigint', (column) => column.notNull())
    .addColumn('counted', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('sessions_key', ['journal_id', 'session_id'])
    .execute();
  await schema
    .createIndex('sessions_open')
    .on('sessions')
    .column('journal_id')
    .where(sql.ref('closed_at'), 'is', null)
    .execute();
  await schema.createIndex('sessions_by_client').on('sessions').columns(['client_id', 'opened_at']).execute();

  await schema
    .createTable('journals')
    .addColumn('journal_id', text, (column) => column.primaryKey())
    .addColumn('instance', text, (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('segment', 'bigint', (column) => column.notNull())
    .addColumn('byte_offset', 'bigint', (column) => column.notNull())
    .addColumn('mark', text, (column) => column.notNull())
    .addColumn('run', 'bigint', (column) => column.notNull())
    .addColumn('folded_through', 'bigint', (column) => column.notNull())
    .addColumn('stopped', 'bigint', (column) => column.notNull())
    .addColumn('bad_records', 'bigint', (column) => column.notNull())
    .addColumn('orphans', 'bigint', (column) => column.notNull())
    .addColumn('written_off', 'bigint', (column) => column.notNull())
    .execute();

  await schema
    .createTable('periods')
    .addColumn('month', text, (column) => column.primaryKey())
    .addColumn('closed_at', 'bigint', (column) => column.notNull())
    .addColumn('rows', 'bigint', (column) => column.notNull())
    .addColumn('sha256', text, (column) => column.notNull())
    .addColumn('without', text, (column) => column.notNull())
    .execute();
}

/** PostgreSQL can say the wide numbers in one: `usage_view` and `corrections_view` have them so. */
async function makeViews(database: Kysely<unknown>, kind: LedgerKind): Promise<void> {
  if (kind !== 'postgres') return;
  for (const table of ['usage', 'corrections']) {
    const wide = (name: string) =>
      sql`(${sql.ref(`${name}_high`)}::numeric * ${sql.lit(LIMB)} + ${sql.ref(`${name}_low`)})`;
    await sql`
      create view ${sql.id(`${table}_view`)} as
      select to_timestamp(hour / 1000) as hour_at, ${sql.id(table)}.*,
        session_ms / 1000.0 as session_seconds,
        ${wide('accepted_hashes')}::numeric(38, 0) as accepted_hashes,
        ${wide('accepted_difficulty')} / 100000000 as accepted_difficulty
      from ${sql.id(table)}`.execute(database);
  }
}

/** A closed month keeps its rates, and sessions that ended long ago can be found without reading all. */
async function addRatesAndAge({ schema }: Kysely<unknown>, kind: LedgerKind): Promise<void> {
  await schema
    .alterTable('periods')
    .addColumn('rates', kind === 'postgres' ? sql`text collate "C"` : sql`text`)
    .execute();
  await schema.createIndex('sessions_by_end').on('sessions').column('closed_at').execute();
}

/**
 * When sessions were connected, so that those of a worker can be united. Of sessions from before, their rows tell it as
 * well as anything does. Months that are closed keep what they said.
 */
async function addUptime(database: Kysely<unknown>, kind: LedgerKind): Promise<void> {
  const text = kind === 'postgres' ? sql`text collate "C"` : sql`text`;
  const { schema } = database;
  for (const name of ['connected_from', 'connected_to']) {
    await schema.alterTable('sessions').addColumn(name, 'bigint').execute();
  }
  await sql`
    update sessions set
      connected_from = coalesce(closed_at, last_at) - session_ms,
      connected_to = coalesce(closed_at, last_at)
    where session_ms > 0`.execute(database);
  await schema
    .createTable('earlier_connections')
    .addColumn('journal_id', text, (column) => column.notNull())
    .addColumn('session_id', text, (column) => column.notNull())
    .addColumn('connected_from', 'bigint', (column) => column.notNull())
    .addColumn('connected_to', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('earlier_connections_key', [
      'journal_id',
      'session_id',
      'connected_from',
      'connected_to',
    ])
    .execute();
  await schema
    .createTable('uptime')
    .addColumn('month', text, (column) => column.notNull())
    .addColumn('client_id', text, (column) => column.notNull())
    .addColumn('worker', text, (column) => column.notNull())
    .addColumn('first_seen', 'bigint', (column) => column.notNull())
    .addColumn('connected_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('uptime_key', ['month', 'client_id', 'worker'])
    .execute();
  await schema
    .alterTable('periods')
    .addColumn('uptime_by', text, (column) => column.notNull().defaultTo('hour'))
    .execute();
}

/** What a session's end can say beside how it came. */
async function addProofs({ schema }: Kysely<unknown>, kind: LedgerKind): Promise<void> {
  const text = kind === 'postgres' ? sql`text collate "C"` : sql`text`;
  for (const name of ['proof', 'sent_to'])
    await schema.alterTable('sessions').addColumn(name, text).execute();
}

/** What the audit found, beside what is billed. */
async function addVerdicts(database: Kysely<unknown>, kind: LedgerKind): Promise<void> {
  for (const table of ['usage', 'corrections']) {
    for (const name of AUDIT_COUNTERS) {
      await database.schema
        .alterTable(table)
        .addColumn(name, 'bigint', (column) => column.notNull().defaultTo(0))
        .execute();
    }
    // A view has the columns that its table had when it was made.
    if (kind === 'postgres') await sql`drop view ${sql.id(`${table}_view`)}`.execute(database);
  }
  await makeViews(database, kind);
}

/** Shares that are blocks. */
async function addBlocks({ schema }: Kysely<unknown>, kind: LedgerKind): Promise<void> {
  const text = kind === 'postgres' ? sql`text collate "C"` : sql`text`;
  let table = schema.createTable('blocks') as CreateTableBuilder<string, string>;
  for (const name of ['journal_id', 'hash', 'client_id', 'worker', 'pool', 'session_id', 'job', 'outcome']) {
    table = table.addColumn(name, text, (column) => column.notNull());
  }
  await table
    .addColumn('found_at', 'bigint', (column) => column.notNull())
    .addColumn('height', 'bigint')
    .addPrimaryKeyConstraint('blocks_key', ['journal_id', 'hash'])
    .execute();
  await schema.createIndex('blocks_by_time').on('blocks').columns(['found_at', 'hash']).execute();
  await schema.createIndex('blocks_by_client').on('blocks').columns(['client_id', 'found_at']).execute();
}
