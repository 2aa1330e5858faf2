import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { JournalReader } from '../journal/journal-reader';
import type { JournalRecord } from '../journal/records/record';
import { segmentPath, type Position } from '../journal/segments/segment-files';
import { client, open, share, usage } from '../journal/testing/facts';
import { openDatabase } from '../ledger/database/database';
import { Folder } from '../ledger/fold/folder';
import { migrate } from '../ledger/database/migrate';
import { JOURNAL_ID, temporaryDirectory, writeJournal } from '../ledger/testing/write-journal';
import { verifyMonth } from './verify';

const HOUR = 3_600_000;
const TEN = Date.UTC(2026, 0, 1, 10);

describe('verifyMonth', () => {
  const directory = temporaryDirectory();

  afterEach(() => directory.remove());

  /** Folds the journal, removes these segments, and verifies the month. */
  async function verifiedWithout(segments: readonly number[], path: string, end: Position) {
    const database = openDatabase({ kind: 'sqlite', file: ':memory:' });
    await migrate(database);
    const reader = new JournalReader(path);
    const folder = new Folder(database, reader, { journalId: JOURNAL_ID, instance: 'test' });
    await folder.resume();
    while (await folder.foldBatch(end));
    for (const segment of segments) rmSync(segmentPath(path, segment));
    const verified = await verifyMonth(database, reader, JOURNAL_ID, '2026-01');
    reader.close();
    await database.close();
    return verified;
  }

  it('knows a session whose beginning was in segments that are gone from the ledger', async () => {
    const path = join(directory.path, 'journal');
    const hours = [0, 1, 2].flatMap((hour) => [
      share('vm-1a2b3c4d-7'),
      share('vm-1a2b3c4d-7', `acme.${hour}`),
      ...(hour === 1 ? [open('vm-1a2b3c4d-8'), share('vm-1a2b3c4d-8')] : []),
    ]);
    const facts = [open('vm-1a2b3c4d-7'), client('vm-1a2b3c4d-7'), ...hours];
    const run: JournalRecord[] = facts.map((fact, index) => ({
      ...fact,
      at: TEN + (index < 4 ? 0 : index < 8 ? HOUR : 2 * HOUR) + index,
    }));
    const { end } = writeJournal(path, [run], { segmentRecords: 2 });
    expect(await verifiedWithout([1, 2, 3], path, end)).toMatchObject({
      compared: { from: new Date(TEN + 2 * HOUR).toISOString() },
      rows: 2,
      damaged_records: 0,
      difference_count: 0,
    });
  });

  it('knows a session of a killed run, whose shares went on behind the record with which it ends', async () => {
    const path = join(directory.path, 'journal');
    const [minute, second] = [60_000, 1_000];
    const killed: JournalRecord[] = [
      { ...open('vm-1a2b3c4d-7'), at: TEN },
      { ...client('vm-1a2b3c4d-7'), at: TEN },
      { ...usage('vm-1a2b3c4d-7'), at: TEN + 59 * minute + 40 * second },
      { ...share('vm-1a2b3c4d-7'), at: TEN + 59 * minute + 45 * second },
      { ...share('vm-1a2b3c4d-7'), at: TEN + 59 * minute + 50 * second },
      { ...share('vm-1a2b3c4d-7'), at: TEN + HOUR + 2 * second },
    ];
    const { end } = writeJournal(path, [killed, [{ kind: 'tick', at: TEN + HOUR + minute }]], {
      segmentRecords: 2,
    });
    expect(await verifiedWithout([1, 2], path, end)).toMatchObject({
      compared: { from: new Date(TEN + HOUR).toISOString() },
      rows: 1,
      difference_count: 0,
    });
  });
});
