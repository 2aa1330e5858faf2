import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { sql, type Kysely } from 'kysely';
import { JournalReader } from '../journal/journal-reader';
import { client, open, share } from '../journal/testing/facts';
import { closePeriod } from '../statement/close-period';
import { openDatabase, type LedgerDatabase, type LedgerLocation } from './database/database';
import { lockedTransaction, takeFoldLock } from './database/fold-lock';
import { Folder } from './fold/folder';
import { migrate } from './database/migrate';
import { describeLedger } from './testing/ledger-behaviour';
import { describeReports } from './testing/reports-behaviour';
import { histories } from './testing/histories';
import { describeInPostgres } from './testing/postgres-cluster';
import { JOURNAL_ID, temporaryDirectory, writeJournal, type WrittenJournal } from './testing/write-journal';

describeInPostgres('the ledger in PostgreSQL', (newDatabase) => {
  const newLocation = async (): Promise<LedgerLocation> => ({
    kind: 'postgres',
    url: await newDatabase(),
  });
  describeLedger(newLocation);
  describeReports(newLocation);

  it('closes a month with the same hash as SQLite does', async () => {
    const directory = temporaryDirectory();
    const [runs = []] = fc
      .sample(histories, { numRuns: 50, seed: 7 })
      .sort((a, b) => b.flat().length - a.flat().length);
    const journal = writeJournal(join(directory.path, 'journal'), [...runs, []]);
    const inPostgres = await closedIn({ kind: 'postgres', url: await newDatabase() }, journal);
    const inSqlite = await closedIn({ kind: 'sqlite', file: ':memory:' }, journal);
    expect(inPostgres).toEqual(inSqlite);
    expect(inPostgres.rows).toBeGreaterThan(1);
    directory.remove();
  });

  it('sees a month that is closed while it waits, also where the server begins transactions otherwise', async () => {
    const directory = temporaryDirectory();
    const url = await newDatabase();
    const database = openDatabase({ kind: 'postgres', url });
    await migrate(database);
    const name = url.slice(url.lastIndexOf('/') + 1);
    await sql`alter database ${sql.id(name)} set default_transaction_isolation = 'serializable'`.execute(
      database.tables,
    );
    const folding = openDatabase({ kind: 'postgres', url });
    const at = Date.UTC(2026, 0, 5);
    const run = [open('s1'), client('s1'), share('s1')].map((fact) => ({ ...fact, at }));
    const journal = writeJournal(join(directory.path, 'journal'), [run]);
    const reader = new JournalReader(journal.directory);
    const folder = new Folder(folding, reader, { journalId: JOURNAL_ID, instance: 'test' });
    await folder.resume();
    let fold: Promise<boolean> | undefined;
    await lockedTransaction(database.tables).execute(async (step) => {
      await takeFoldLock(step, 'postgres', 'close');
      fold = folder.foldBatch(journal.end);
      while (!(await someoneWaits(database))) await nextTurn();
      const row = { closed_at: 0n, rows: 0n, sha256: '', without: '[]', rates: null };
      await step
        .insertInto('periods')
        .values({ month: '2026-01', uptime_by: 'worker', ...row })
        .execute();
    });
    await fold;
    reader.close();
    const rows = (table: 'usage' | 'corrections') =>
      database.tables.selectFrom(table).select('accepted').execute();
    expect(await rows('corrections')).toEqual([{ accepted: 1n }]);
    expect(await rows('usage')).toEqual([]);
    await folding.close();
    await database.close();
    directory.remove();
  }, 30_000);

  it('shows wide numbers in one to whoever asks it directly', async () => {
    const directory = temporaryDirectory();
    const location = { kind: 'postgres', url: await newDatabase() } as const;
    const sums = { accepted_hashes: '12345678901234567890123456789' };
    const journal = writeJournal(join(directory.path, 'journal'), [
      [
        {
          kind: 'sums',
          session: null,
          client_id: 'acme',
          pool: 'eu:3333',
          worker: null,
          dialect: 'stratum1',
          hour: 0,
          numbers: sums,
          at: 0,
        },
      ],
    ]);
    await closedIn(location, journal);
    const database = openDatabase(location);
    const views = database.tables as unknown as Kysely<{ usage_view: typeof sums }>;
    const rows = await views.selectFrom('usage_view').select('accepted_hashes').execute();
    await database.close();
    expect(rows).toEqual([sums]);
    directory.remove();
  });
});

async function closedIn(location: LedgerLocation, { directory, end }: WrittenJournal) {
  const database = openDatabase(location);
  await migrate(database);
  const reader = new JournalReader(directory);
  const folder = new Folder(database, reader, { journalId: JOURNAL_ID, instance: 'test' });
  await folder.resume();
  while (await folder.foldBatch(end));
  reader.close();
  const now = Date.UTC(2026, 2, 1);
  const closed = await closePeriod(database, { month: '2026-01', without: [JOURNAL_ID], rates: null, now });
  await database.close();
  return closed;
}

/** Whether some transaction waits for the lock of another one. */
async function someoneWaits({ tables }: LedgerDatabase): Promise<boolean> {
  const { rows } = await sql`
    select 1 from pg_locks where locktype = 'advisory' and not granted
      and database = (select oid from pg_database where datname = current_database())`.execute(tables);
  return rows.length > 0;
}
