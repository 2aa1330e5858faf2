import { mkdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import Database from 'libsql';
import { Kysely, PostgresDialect, SqliteDialect, sql, type SqliteDatabase } from 'kysely';
import pg from 'pg';
import type { LedgerTables } from './schema';

export type LedgerKind = 'sqlite' | 'postgres';

/** Where the ledger lies. */
export type LedgerLocation =
  { readonly kind: 'sqlite'; readonly file: string } | { readonly kind: 'postgres'; readonly url: string };

/**
 * An open ledger, the same to whoever asks it in both databases: whole numbers are read as bigint. `close`
 * ends all connections.
 */
export interface LedgerDatabase {
  readonly kind: LedgerKind;
  readonly tables: Kysely<LedgerTables>;
  close(): Promise<void>;
}

/** To PostgreSQL, at most. */
export const CONNECTIONS = 3;
const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 120_000;
/** How long a statement waits for another process that writes to the same file. */
const BUSY_TIMEOUT_MS = 10_000;

/** Opens the ledger. PostgreSQL is connected to by the first query, a file is opened now. */
export function openDatabase(location: LedgerLocation): LedgerDatabase {
  const dialect = location.kind === 'sqlite' ? sqlite(location.file) : postgres(location.url);
  const tables = new Kysely<LedgerTables>({ dialect });
  return { kind: location.kind, tables, close: () => tables.destroy() };
}

/**
 * Reads from one state of the ledger, whatever is folded meanwhile, and holds up nobody who writes: in SQLite
 * `transaction()` would take the write lock, and a command beside a proxy would stop its fold.
 */
export function readSnapshot<T>(
  { tables, kind }: LedgerDatabase,
  read: (snapshot: Kysely<LedgerTables>) => Promise<T>,
): Promise<T> {
  if (kind === 'postgres') {
    return tables.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(read);
  }
  return tables.connection().execute(async (connection) => {
    await sql`begin deferred`.execute(connection);
    try {
      return await read(connection);
    } finally {
      await sql`rollback`.execute(connection);
    }
  });
}

function sqlite(file: string): SqliteDialect {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
  const database = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  database.defaultSafeIntegers(true);
  if (file !== ':memory:') database.exec('PRAGMA journal_mode = WAL');
  // A commit that power takes is folded again from the journal, which is synced before it is folded.
  database.exec('PRAGMA synchronous = NORMAL');
  return new SqliteDialect({ database: forKysely(database) });
}

/** Statements that are kept prepared: more than the fold has, so that only reports push each other out. */
const KEPT_STATEMENTS = 50;

function forKysely(database: InstanceType<typeof Database>): SqliteDatabase {
  const prepared = new Map<string, Statement>();
  const prepare = (text: string): Statement => {
    // Taken out and put in again: the first one is the one that was not used for longest.
    const statement = prepared.get(text) ?? database.prepare(text);
    prepared.delete(text);
    prepared.set(text, statement);
    const [oldest] = prepared.keys();
    if (prepared.size > KEPT_STATEMENTS && oldest !== undefined) prepared.delete(oldest);
    return statement;
  };
  return {
    close: () => {
      prepared.clear();
      database.close();
    },
    prepare: (text) => {
      // A full disk may end the transaction by itself: a second end would fail, and hide why there was a first.
      if (text === 'rollback' && !database.inTransaction) return NOTHING;
      // Whoever reads first and writes then cannot wait for another writer: the write lock comes first.
      const statement = prepare(text === 'begin' ? 'begin immediate' : text);
      return {
        reader: statement.reader,
        all: (parameters) => statement.all(parameters.map(bindable)),
        run: (parameters) => statement.run(parameters.map(bindable)),
        iterate: (parameters) => statement.iterate(parameters.map(bindable)),
      };
    },
  };
}

type Statement = ReturnType<InstanceType<typeof Database>['prepare']>;

const NOTHING: ReturnType<SqliteDatabase['prepare']> = {
  reader: true,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [][Symbol.iterator](),
};

/** libsql binds every number as a floating-point one, and ends the process on a boolean. */
function bindable(value: unknown): unknown {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return Number.isInteger(value) ? BigInt(value as number) : value;
}

function postgres(url: string): PostgresDialect {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, (text: string) => BigInt(text));
  const pool = new pg.Pool({
    connectionString: url,
    types,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // A server that is gone without a word must not hold the fold for ever.
    query_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'mining-proxy',
  });
  // The query that needs the connection fails and says so; idle ones are replaced. One that is cut between two
  // queries of a transaction tells nobody but the connection itself, and an error that nobody hears ends the thread.
  pool.on('error', () => undefined);
  pool.on('connect', (connection) => connection.on('error', () => undefined));
  pool.on('connect', dropWhereItHangs);
  return new PostgresDialect({ pool });
}

/**
 * A connection that did not answer in time is of no use to the next query either, and would go back to the pool: a
 * firewall that forgot it tells neither side.
 */
function dropWhereItHangs(client: pg.PoolClient): void {
  const query = client.query.bind(client) as (...parameters: unknown[]) => Promise<unknown>;
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection;
  const dropping = (...parameters: unknown[]): Promise<unknown> =>
    query(...parameters).catch((error: unknown) => {
      if (error instanceof Error && error.message === 'Query read timeout') stream.destroy();
      throw error;
    });
  Object.assign(client, { query: dropping });
}

/** `database_url` where there is one, else a file in the data directory. */
export function ledgerLocation(dataDirectory: string, databaseUrl: string | null): LedgerLocation {
  return databaseUrl === null
    ? { kind: 'sqlite', file: join(dataDirectory, 'ledger.db') }
    : { kind: 'postgres', url: databaseUrl };
}
