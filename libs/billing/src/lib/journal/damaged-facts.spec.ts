import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../ledger/database/database';
import { Folder } from '../ledger/fold/folder';
import { migrate } from '../ledger/database/migrate';
import type { PlainUsage } from '../ledger/testing/naive-ledger';
import { readUsage } from '../ledger/testing/read-ledger';
import { JOURNAL_ID, temporaryDirectory, writeJournal } from '../ledger/testing/write-journal';
import { JournalReader } from './journal-reader';
import type { Fact, JournalRecord } from './records/record';
import { listSegments } from './segments/segment-files';

const HOUR = Date.UTC(2026, 0, 1, 10);
const W1 = { worker: 'acme.1', dialect: 'stratum1' };
const NOBODY = { worker: null, dialect: 'none' };

function open(session: string): Fact {
  return { kind: 'open', session, listener: 'main', pool: 'eu:3333', source: '192.0.2.1' };
}

function client(session: string, by: { worker: string | null; dialect: string } = W1): Fact {
  return { kind: 'client', session, client_id: 'acme', ...by };
}

function share(session: string, more: object = {}): Fact {
  const work = { difficulty: '6553600000000', hashes: '281474976710656' };
  return { kind: 'share', session, ...W1, outcome: 'accepted', ...work, ...more };
}

function usage(session: string, by: { worker: string | null; dialect: string } = W1): Fact {
  return { kind: 'usage', session, ...by, bytes_sent: 100, bytes_received: 1_000, ms: 30_000 };
}

function close(session: string): Fact {
  const progress = { bytes_sent: 7, bytes_received: 70, ms: 7_000 };
  return { kind: 'close', session, ...W1, ...progress, side: 'downstream', code: 'ENDED' };
}

function dated(facts: readonly Fact[]): JournalRecord[] {
  return facts.map((fact, index) => ({ ...fact, at: HOUR + index * 1_000 }));
}

/** A run with a session that knows its client by a login, one by its source, one late, one never, and one with guests. */
const FIRST_RUN = dated([
  open('vm-1a2b3c4d-1'),
  client('vm-1a2b3c4d-1'),
  share('vm-1a2b3c4d-1'),
  open('vm-1a2b3c4d-2'),
  client('vm-1a2b3c4d-2', NOBODY),
  share('vm-1a2b3c4d-2'),
  usage('vm-1a2b3c4d-2', NOBODY),
  usage('vm-1a2b3c4d-2'),
  share('vm-1a2b3c4d-2'),
  usage('vm-1a2b3c4d-2'),
  share('vm-1a2b3c4d-2'),
  open('vm-1a2b3c4d-3'),
  share('vm-1a2b3c4d-3'),
  usage('vm-1a2b3c4d-3'),
  client('vm-1a2b3c4d-3'),
  share('vm-1a2b3c4d-3'),
  usage('vm-1a2b3c4d-1'),
  share('vm-1a2b3c4d-1'),
  share('vm-1a2b3c4d-1', { worker: 'acme.2' }),
  share('vm-1a2b3c4d-1', { worker: null }),
  share('vm-1a2b3c4d-1', { client_id: 'bolt', worker: 'bolt.1' }),
  share('vm-1a2b3c4d-1', { client_id: 'bolt', worker: 'acme.1' }),
  share('vm-1a2b3c4d-1', { outcome: 'rejected', reason: 'stale' }),
  share('vm-1a2b3c4d-2', { dialect: 'cryptonote', difficulty: '12345', hashes: '5' }),
  usage('vm-1a2b3c4d-1'),
  usage('vm-1a2b3c4d-2'),
  usage('vm-1a2b3c4d-3'),
  share('vm-1a2b3c4d-3'),
  open('vm-1a2b3c4d-4'),
  share('vm-1a2b3c4d-4'),
  usage('vm-1a2b3c4d-4'),
  share('vm-1a2b3c4d-4'),
  close('vm-1a2b3c4d-1'),
  share('vm-1a2b3c4d-2'),
  close('vm-1a2b3c4d-2'),
  close('vm-1a2b3c4d-3'),
]);
/** A run in which other sessions have the same numbers. It is killed. */
const SECOND_RUN = dated([
  open('vm-99999999-1'),
  client('vm-99999999-1'),
  share('vm-99999999-1'),
  usage('vm-99999999-1'),
  share('vm-99999999-1'),
]);

describe('a damaged record of a journal in which records refer to others', () => {
  const directory = temporaryDirectory();

  afterEach(() => directory.remove());

  it.each([
    ['in one segment for each run', Infinity],
    ['in many segments', 7],
  ])('takes no more from the ledger than where each record says all, %s', async (_, segmentRecords) => {
    const ofFormat = (format: number) => {
      const path = join(directory.path, `format-${format}`);
      writeJournal(path, [FIRST_RUN, SECOND_RUN, []], { segmentRecords, format });
      return path;
    };
    const [brief, whole] = [ofFormat(2), ofFormat(1)];
    const segments = listSegments(brief).length;
    let damaged = 0;
    for (let segment = 0; segment < segments; segment += 1) {
      const lines = linesOf(brief, segment).length;
      for (let line = 0; line < lines; line += 1) {
        const [ours, theirs] = [
          await foldDamaged(brief, segment, line),
          await foldDamaged(whole, segment, line),
        ];
        expect([segment, line, ours]).toEqual([segment, line, theirs]);
        damaged += 1;
      }
    }
    expect(damaged).toBe(FIRST_RUN.length + SECOND_RUN.length + segments);
  });

  it('leaves shares without a worker only where the process dies before it has said the worker again', async () => {
    const path = join(directory.path, 'journal');
    writeJournal(path, [dated([open('vm-1'), client('vm-1'), share('vm-1')]), []]);
    const { usage: rows } = await foldDamaged(path, 0, 2);
    expect(Object.keys(rows)).toEqual([JSON.stringify(['unassigned', '', 'eu:3333', HOUR, 'none'])]);
  });

  function linesOf(path: string, segment: number): string[] {
    return readFileSync(listSegments(path)[segment]!.path, 'utf8').split('\n').slice(0, -1);
  }

  async function foldDamaged(path: string, segment: number, line: number) {
    const file = listSegments(path)[segment]!.path;
    const before = readFileSync(file);
    const lines = before.toString('utf8').split('\n');
    lines[line] = lines[line]!.replace('"crc"', '"cRc"');
    writeFileSync(file, lines.join('\n'));
    try {
      return await fold(path);
    } finally {
      writeFileSync(file, before);
    }
  }

  async function fold(path: string): Promise<{ usage: PlainUsage; bad: number; orphans: number }> {
    const database = openDatabase({ kind: 'sqlite', file: ':memory:' });
    await migrate(database);
    const reader = new JournalReader(path);
    const folder = new Folder(database, reader, {
      journalId: JOURNAL_ID,
      instance: 'test',
      batchRecords: 10,
    });
    await folder.resume();
    while (await folder.foldBatch(reader.end() ?? { segment: 0, offset: 0 }));
    const rows = await readUsage(database);
    const { badRecords: bad, orphans } = folder.folded!;
    reader.close();
    await database.close();
    return { usage: rows, bad, orphans };
  }
});
