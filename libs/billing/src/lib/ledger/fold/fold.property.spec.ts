import { join } from 'node:path';
import fc from 'fast-check';
import type { KyselyPlugin } from 'kysely';
import { JournalReader } from '../../journal/journal-reader';
import { JOURNAL_FORMAT } from '../../journal/records/record';
import type { Position } from '../../journal/segments/segment-files';
import { openDatabase, type LedgerDatabase } from '../database/database';
import { Folder } from './folder';
import { migrate } from '../database/migrate';
import { histories, type Run } from '../testing/histories';
import { naiveLedger } from '../testing/naive-ledger';
import { readUsage } from '../testing/read-ledger';
import { JOURNAL_ID, temporaryDirectory, writeJournal } from '../testing/write-journal';

/** What happens in one attempt at a batch. */
interface Attempt {
  readonly records: number;
  /** The query inside the transaction at which it fails; beyond the last one, none does. */
  readonly failsAtQuery: number;
  /** The process dies after the attempt, or before it learns that its commit has happened. */
  readonly dies: boolean;
}

const attempts = fc.array(
  fc.record({
    records: fc.integer({ min: 1, max: 30 }),
    failsAtQuery: fc.integer({ min: 1, max: 25 }),
    dies: fc.boolean(),
  }),
  { maxLength: 40 },
);

class Crash extends Error {}

/** Lets `queries` queries through, and then none. */
function failingAfter(queries: number): KyselyPlugin {
  let left = queries;
  return {
    transformQuery: ({ node }) => {
      left -= 1;
      if (left < 0) throw new Crash();
      return node;
    },
    transformResult: async ({ result }) => result,
  };
}

async function foldRestlessly(
  location: string,
  journal: string,
  end: Position,
  script: readonly Attempt[],
): Promise<void> {
  let database = openDatabase({ kind: 'sqlite', file: location });
  await migrate(database);
  const reader = new JournalReader(journal);
  const folderOver = (over: LedgerDatabase, batchRecords: number) =>
    new Folder(over, reader, { journalId: JOURNAL_ID, instance: 'test', batchRecords });
  for (const { records, failsAtQuery, dies } of script) {
    const failing = { ...database, tables: database.tables.withPlugin(failingAfter(failsAtQuery)) };
    const folder = folderOver(failing, records);
    try {
      await folder.resume();
      await folder.foldBatch(end);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    if (!dies) continue;
    await database.close();
    database = openDatabase({ kind: 'sqlite', file: location });
  }
  const folder = folderOver(database, 1_000);
  await folder.resume();
  while (await folder.foldBatch(end));
  reader.close();
  await database.close();
}

async function ledgerOf(
  runs: readonly Run[],
  { segmentRecords = Infinity, format = JOURNAL_FORMAT },
  script: readonly Attempt[],
) {
  const directory = temporaryDirectory();
  try {
    // A run that follows closes what the last one left open.
    const { end } = writeJournal(join(directory.path, 'journal'), [...runs, []], {
      segmentRecords,
      format,
    });
    const file = join(directory.path, 'ledger.db');
    await foldRestlessly(file, join(directory.path, 'journal'), end, script);
    const database = openDatabase({ kind: 'sqlite', file });
    const sessions = await database.tables.selectFrom('sessions').selectAll().orderBy('session_id').execute();
    const usage = await readUsage(database);
    await database.close();
    return { usage, sessions };
  } finally {
    directory.remove();
  }
}

describe('folding', () => {
  it('gives the same ledger for any batches, any crash and any repetition', async () => {
    await fc.assert(
      fc.asyncProperty(
        histories,
        fc.record({
          segmentRecords: fc.integer({ min: 1, max: 20 }),
          format: fc.constantFrom(1, JOURNAL_FORMAT),
        }),
        attempts,
        async (runs, written, script) => {
          const { usage, sessions } = await ledgerOf(runs, written, script);
          expect(usage).toEqual(naiveLedger(runs));
          const atOnce = await ledgerOf(runs, {}, []);
          const unnumbered = (rows: typeof sessions) => rows.map((row) => ({ ...row, run: undefined }));
          expect(unnumbered(sessions)).toEqual(unnumbered(atOnce.sessions));
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);
});
