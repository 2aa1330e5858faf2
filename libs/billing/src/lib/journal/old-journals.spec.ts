import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../ledger/database/database';
import { Folder } from '../ledger/fold/folder';
import { migrate } from '../ledger/database/migrate';
import { readUsage } from '../ledger/testing/read-ledger';
import type { PlainUsage } from '../ledger/testing/naive-ledger';
import { temporaryDirectory, writeJournal } from '../ledger/testing/write-journal';
import { Journal } from './journal';
import { prepareJournalDirectory } from './journal-directory';
import { JournalReader } from './journal-reader';
import { JOURNAL_FORMAT } from './records/record';
import { nodeFiles } from './segments/journal-files';
import { client, close, open, share } from './testing/facts';

/**
 * A journal as the versions wrote it that had no other format: three runs in five segments, the first one compressed;
 * sessions that know their client at once, late and never; guests, refusals, names that have to be escaped, sums of a
 * full disk, a run that was killed; a damaged record, and a record that is torn at the end. `expected.json` is what the
 * ledger of such a version made of it, but for `last_at`, which shares do not move any more.
 */
const OLD = join(__dirname, 'testing/data/format-1');

interface Expected {
  readonly bad_records: number;
  readonly orphans: number;
  readonly usage: readonly (readonly [key: readonly unknown[], numbers: Record<string, string>])[];
  readonly sessions: readonly object[];
}

const expected = JSON.parse(readFileSync(join(OLD, 'expected.json'), 'utf8')) as Expected;
const oldUsage: PlainUsage = Object.fromEntries(
  expected.usage.map(([key, numbers]) => [JSON.stringify(key), numbers]),
);

describe('a journal of the first format', () => {
  const directory = temporaryDirectory();
  const path = join(directory.path, 'journal');

  beforeEach(() => cpSync(OLD, path, { recursive: true }));
  afterEach(() => directory.remove());

  it('is folded to the rows that the versions of its time made of it', async () => {
    const { usage, sessions, folded } = await fold(Infinity);
    expect(usage).toEqual(oldUsage);
    expect(sessions).toEqual(expected.sessions);
    expect(folded).toMatchObject({ badRecords: expected.bad_records, orphans: expected.orphans });
  });

  it.each([1, 7, 20_000])(
    'is continued in this format, and folded as one (%i records at a time)',
    async (records) => {
      const prepared = prepareJournalDirectory(path);
      expect(prepared.cutBytes).toBeGreaterThan(0);
      const at = Date.UTC(2026, 10, 1, 1, 30);
      const journal = new Journal(prepared, nodeFiles, { now: () => at });
      journal.start();
      const shares = [share('vm-00c0ffee-1'), share('vm-00c0ffee-1'), share('vm-00c0ffee-1', 'acme.2')];
      for (const fact of [
        open('vm-00c0ffee-1'),
        client('vm-00c0ffee-1'),
        ...shares,
        close('vm-00c0ffee-1'),
      ]) {
        journal.append(fact);
      }
      await journal.close();
      expect(prepared.lastSegment).toBe(5);
      const { usage, folded } = await fold(records);
      const row = (worker: string) =>
        JSON.stringify(['acme', worker, 'eu:3333', Date.UTC(2026, 10, 1, 1), 'stratum1']);
      const progress = { bytes_sent: '10', bytes_received: '10', sessions: '1', session_ms: '1000' };
      expect(usage).toEqual({
        ...oldUsage,
        [row('acme.1')]: { ...progress, ...work(2) },
        [row('acme.2')]: work(1),
      });
      expect(folded).toMatchObject({ badRecords: expected.bad_records, orphans: expected.orphans });
    },
  );

  async function fold(batchRecords: number) {
    const database = openDatabase({ kind: 'sqlite', file: ':memory:' });
    await migrate(database);
    const reader = new JournalReader(path);
    const journalId = reader.header(1)?.journal_id ?? '';
    const end = reader.end() ?? { segment: 0, offset: 0 };
    for (let more = true; more;) {
      // Each batch by somebody new, as after a crash.
      const anew = new JournalReader(path);
      const folder = new Folder(database, anew, { journalId, instance: 'test', batchRecords });
      await folder.resume();
      more = await folder.foldBatch(end);
      anew.close();
    }
    const last = new Folder(database, reader, { journalId, instance: 'test' });
    await last.resume();
    const rows = await database.tables.selectFrom('sessions').selectAll().orderBy('session_id').execute();
    const sessions = JSON.parse(
      JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
    ) as object[];
    const usage = await readUsage(database);
    reader.close();
    await database.close();
    return { usage, sessions, folded: last.folded };
  }
});

describe('a journal of a later format', () => {
  const directory = temporaryDirectory();
  const path = join(directory.path, 'journal');

  afterEach(() => directory.remove());

  it('is neither continued nor folded, and says which segment is', () => {
    const { end } = writeJournal(path, [[{ ...open('s1'), at: 1 }]], { format: JOURNAL_FORMAT + 1 });
    const refused = /0000000001\.jsonl was written by a later version/;
    expect(() => prepareJournalDirectory(path)).toThrow(refused);
    expect(() => new JournalReader(path).read({ segment: 0, offset: 0 }, end, 1)).toThrow(refused);
  });
});

function work(shares: number): Record<string, string> {
  return {
    submits: `${shares}`,
    accepted: `${shares}`,
    accepted_difficulty: `${shares}00000000`,
    accepted_hashes: `${shares * 2 ** 32}`,
  };
}
