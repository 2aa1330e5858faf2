import { join } from 'node:path';
import fc from 'fast-check';
import type { Kysely } from 'kysely';
import { JournalReader } from '../journal/journal-reader';
import { closePeriod } from '../statement/close-period';
import { openDatabase, type LedgerLocation } from './database';
import { Folder } from './folder';
import { migrate } from './migrate';
import { describeLedger } from './testing/ledger-behaviour';
import { histories } from './testing/histories';
import { PostgresCluster, postgresMissing } from './testing/postgres-cluster';
import { JOURNAL_ID, temporaryDirectory, writeJournal, type WrittenJournal } from './testing/write-journal';

const missing = postgresMissing();

(missing === undefined ? describe : describe.skip)(
  `the ledger in PostgreSQL${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    let cluster: PostgresCluster;

    beforeAll(async () => {
      cluster = await PostgresCluster.create();
      await cluster.start();
    }, 60_000);

    afterAll(() => cluster.remove());

    describeLedger(async () => ({ kind: 'postgres', url: await cluster.newDatabase() }));

    it('closes a month with the same hash as SQLite does', async () => {
      const directory = temporaryDirectory();
      const [runs = []] = fc
        .sample(histories, { numRuns: 50, seed: 7 })
        .sort((a, b) => b.flat().length - a.flat().length);
      const journal = writeJournal(join(directory.path, 'journal'), [...runs, []]);
      const inPostgres = await closedIn({ kind: 'postgres', url: await cluster.newDatabase() }, journal);
      const inSqlite = await closedIn({ kind: 'sqlite', file: ':memory:' }, journal);
      expect(inPostgres).toEqual(inSqlite);
      expect(inPostgres.rows).toBeGreaterThan(1);
      directory.remove();
    });

    it('shows wide numbers in one to whoever asks it directly', async () => {
      const directory = temporaryDirectory();
      const location = { kind: 'postgres', url: await cluster.newDatabase() } as const;
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
  },
);

async function closedIn(location: LedgerLocation, { directory, end }: WrittenJournal) {
  const database = openDatabase(location);
  await migrate(database);
  const reader = new JournalReader(directory);
  const folder = new Folder(database, reader, { journalId: JOURNAL_ID, instance: 'test' });
  await folder.resume();
  while (await folder.foldBatch(end));
  reader.close();
  const now = Date.UTC(2026, 2, 1);
  const closed = await closePeriod(database, { month: '2026-01', without: [JOURNAL_ID], now });
  await database.close();
  return closed;
}
