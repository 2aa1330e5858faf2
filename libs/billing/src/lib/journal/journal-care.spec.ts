import { readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory, writeJournal } from '../ledger/testing/write-journal';
import { JournalCare } from './journal-care';
import { JournalReader } from './journal-reader';
import { segmentPath } from './segments/segment-files';
import { open, share } from './testing/facts';
import { kindsIn, plain } from './testing/read-journal';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 1);

describe('JournalCare', () => {
  const directory = temporaryDirectory();
  const path = join(directory.path, 'journal');

  beforeEach(() => {
    const run = [open('s1'), share('s1')].map((fact) => ({ ...fact, at: 1 }));
    writeJournal(path, [run, run, run, run]);
    for (const [index, age] of [40, 20, 10, 0].entries()) {
      const time = new Date(NOW - age * DAY);
      utimesSync(segmentPath(path, index + 1), time, time);
    }
  });

  afterEach(() => directory.remove());

  it('compresses what is folded whole, and it reads the same', async () => {
    const before = kindsIn(path);
    await new JournalCare(path, { retentionDays: 100, maxBytes: Infinity }).tidy(3, NOW);
    expect(readdirSync(path)).toEqual([
      '0000000001.jsonl.gz',
      '0000000002.jsonl.gz',
      '0000000003.jsonl',
      '0000000004.jsonl',
    ]);
    expect(kindsIn(path)).toEqual(before);
    expect(statSync(join(path, '0000000002.jsonl.gz')).mtimeMs).toBe(NOW - 20 * DAY);
  });

  it('removes what is too old, but nothing that is not folded', async () => {
    const care = new JournalCare(path, { retentionDays: 15, maxBytes: Infinity });
    await care.tidy(2, NOW);
    expect(readdirSync(path)).toEqual(['0000000002.jsonl', '0000000003.jsonl', '0000000004.jsonl']);
  });

  it('removes the oldest when all is too large, and says how much is not folded', async () => {
    const care = new JournalCare(path, { retentionDays: 100, maxBytes: 0 });
    const size = await care.tidy(3, NOW);
    expect(readdirSync(path)).toEqual(['0000000003.jsonl', '0000000004.jsonl']);
    expect(size.unfoldedBytes).toBe(
      statSync(segmentPath(path, 3)).size + statSync(segmentPath(path, 4)).size,
    );
    expect(size.bytes).toBe(size.unfoldedBytes);
    expect(care.size(3)).toEqual(size);
  });

  it('goes on after a death in the middle', async () => {
    const care = new JournalCare(path, { retentionDays: 100, maxBytes: Infinity });
    const { copyFileSync, writeFileSync } = await import('node:fs');
    // Compressed but not removed, and compressed in part.
    copyFileSync(segmentPath(path, 2), `${segmentPath(path, 2)}.gz`);
    writeFileSync(`${segmentPath(path, 1)}.gz.new`, 'half');
    await care.tidy(3, NOW);
    expect(readdirSync(path)).toEqual([
      '0000000001.jsonl.gz',
      '0000000002.jsonl.gz',
      '0000000003.jsonl',
      '0000000004.jsonl',
    ]);
    expect(kindsIn(path)).toHaveLength(12);
  });

  it('leaves nothing half compressed behind when that fails', async () => {
    const { mkdirSync } = await import('node:fs');
    // The name of the compressed file is taken: the last step fails.
    mkdirSync(join(`${segmentPath(path, 1)}.gz`, 'taken'), { recursive: true });
    const care = new JournalCare(path, { retentionDays: 100, maxBytes: Infinity });
    await expect(care.tidy(2, NOW)).rejects.toThrow();
    expect(readdirSync(path)).toEqual([
      '0000000001.jsonl',
      '0000000001.jsonl.gz',
      '0000000002.jsonl',
      '0000000003.jsonl',
      '0000000004.jsonl',
    ]);
  });

  it('does not disturb who reads the journal from another process', async () => {
    const reader = new JournalReader(path);
    const until = reader.end()!;
    const first = reader.read({ segment: 0, offset: 0 }, until, 1);
    await new JournalCare(path, { retentionDays: 100, maxBytes: Infinity }).tidy(4, NOW);
    const others = reader.read(first.end!, until, Infinity);
    reader.close();
    const kinds = [...first.records, ...others.records].map((record) => plain(record)?.kind);
    expect(kinds).toEqual(kindsIn(path));
    expect(kinds).toHaveLength(12);
  });
});
