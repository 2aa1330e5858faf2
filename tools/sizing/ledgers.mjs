import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import pg from 'pg';

const TABLES = ['usage', 'sessions'];

/** The ledger as its database keeps it: PostgreSQL where an address is given, else the file in the data directory. */
export function ledgerAt(dataDirectory, databaseUrl) {
  return databaseUrl ? new PostgresLedger(databaseUrl) : new SqliteLedger(join(dataDirectory, 'ledger.db'));
}

class SqliteLedger {
  constructor(file) {
    this.file = file;
  }

  async mustBeNew() {
    // The data directory is.
  }

  /** Rows and bytes of each table, with its indexes. */
  async tables() {
    const sizes = `select coalesce(sum(pgsize), 0) as bytes from dbstat
      where name = ? or name in (select name from sqlite_schema where tbl_name = ?)`;
    return this.#asked((database) =>
      TABLES.map((table) => ({
        table,
        rows: database.prepare(`select count(*) as rows from "${table}"`).get().rows,
        bytes: database.prepare(sizes).get(table, table).bytes,
      })),
    );
  }

  /** How far the journal is folded; undefined before anything is. */
  async folded() {
    if (!existsSync(this.file)) return undefined;
    return this.#asked((database) =>
      hasJournals(database)
        ? database.prepare('select segment, byte_offset as "offset" from journals').get()
        : undefined,
    );
  }

  /** A ledger that is lost is folded again from the journal. */
  async lose() {
    for (const end of ['', '-wal', '-shm']) rmSync(`${this.file}${end}`, { force: true });
  }

  async close() {}

  async #asked(question) {
    const database = new Database(this.file, { timeout: 10_000 });
    try {
      return question(database);
    } finally {
      database.close();
    }
  }
}

/** The proxy makes the tables once it has opened the file. */
function hasJournals(database) {
  return database.prepare("select 1 from sqlite_schema where name = 'journals'").get() !== undefined;
}

class PostgresLedger {
  constructor(url) {
    this.pool = new pg.Pool({ connectionString: url, max: 1 });
  }

  async mustBeNew() {
    const { rowCount } = await this.pool.query("select from pg_tables where tablename = 'journals'");
    if (rowCount > 0) throw new Error('the database has a ledger already: give it an empty one');
  }

  /** Packed, and before that with what its updates have left behind (`looseBytes`). */
  async tables() {
    const figures = [];
    for (const table of TABLES) {
      const { bytes: looseBytes, rows } = await this.#sizeOf(table);
      await this.pool.query(`vacuum full "${table}"`);
      figures.push({ table, rows, bytes: (await this.#sizeOf(table)).bytes, looseBytes });
    }
    return figures;
  }

  async folded() {
    const text = 'select segment::int, byte_offset::int as "offset" from journals';
    const { rows } = await this.pool.query(text);
    return rows[0];
  }

  async lose() {
    await this.pool.query('truncate usage, sessions, journals, periods, corrections');
  }

  async close() {
    await this.pool.end();
  }

  async #sizeOf(table) {
    const text = `select count(*)::int as rows, pg_total_relation_size('${table}')::int as bytes from "${table}"`;
    return (await this.pool.query(text)).rows[0];
  }
}
