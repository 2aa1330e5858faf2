import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory, writeJournal } from '../../ledger/testing/write-journal';
import { prepareJournalDirectory } from '../journal-directory';
import { segmentPath } from './segment-files';
import type { Fact } from '../records/record';
import { close, open, share } from '../testing/facts';
import { kindsIn, readJournal } from '../testing/read-journal';

describe('a journal whose process was killed while it wrote', () => {
  const directory = temporaryDirectory();
  const path = join(directory.path, 'journal');
  const records = [open('s1'), share('s1'), share('s1', 'ünï')].map((fact) => ({ ...fact, at: 1 }));

  afterEach(() => directory.remove());

  it('is whole up to the last finished record, whatever byte the end is torn at', () => {
    writeJournal(path, [records]);
    const whole = readFileSync(segmentPath(path, 1));
    for (let length = 0; length <= whole.length; length += 1) {
      const torn = whole.subarray(0, length);
      directory.remove();
      mkdirSync(path, { recursive: true });
      writeFileSync(segmentPath(path, 1), torn);
      const finished = torn.filter((byte) => byte === 0x0a).length;
      const { cutBytes, lastSegment } = prepareJournalDirectory(path);
      expect(cutBytes).toBe(length - (torn.lastIndexOf(0x0a) + 1));
      expect(statSync(segmentPath(path, 1)).size).toBe(length - cutBytes);
      expect(lastSegment).toBe(1);
      expect(kindsIn(path)).toEqual(['segment', 'open', 'share', 'share'].slice(0, finished));
    }
  });

  it('shows any damaged byte elsewhere as one or two bad records, and has all the others', () => {
    writeJournal(path, [records]);
    const whole = readFileSync(segmentPath(path, 1));
    for (let at = 0; at < whole.length - 1; at += 1) {
      const damaged = Buffer.from(whole);
      damaged[at] = damaged[at]! ^ 0x01;
      writeFileSync(segmentPath(path, 1), damaged);
      const kinds = kindsIn(path);
      const bad = kinds.filter((kind) => kind === 'damaged').length;
      const removedLine = whole[at] === 0x0a ? 1 : 0;
      const addedLine = damaged[at] === 0x0a ? 1 : 0;
      expect(bad).toBeGreaterThanOrEqual(1);
      expect(kinds.length - bad).toBe(4 - 1 - removedLine);
      expect(kinds).toHaveLength(4 - removedLine + addedLine);
    }
  });

  it.each([
    { ...share('s1'), hashes: '1.5' },
    { ...share('s1'), hashes: `1${'0'.repeat(30)}` },
    { ...close('s1'), ms: 0.5 },
    { ...close('s1'), bytes_sent: -1 },
    { kind: 'foreign', session: 's1', count: 1e300 },
    { kind: 'later', session: 's1' },
  ])('takes a record for damaged that no ledger could add up: %j', (fact) => {
    writeJournal(path, [[{ ...(fact as Fact), at: 1 }]]);
    expect(kindsIn(path)).toEqual(['segment', 'damaged']);
  });

  it('reads on behind a segment whose end is torn and was never cut', () => {
    writeJournal(path, [records, records]);
    const first = readFileSync(segmentPath(path, 1));
    writeFileSync(segmentPath(path, 1), first.subarray(0, -5));
    expect(kindsIn(path)).toEqual([
      'segment',
      'open',
      'share',
      'damaged',
      'segment',
      'open',
      'share',
      'share',
    ]);
  });

  it('leaves an unfinished line at the end for later', () => {
    writeJournal(path, [records]);
    const first = readFileSync(segmentPath(path, 1));
    writeFileSync(segmentPath(path, 1), first.subarray(0, -5));
    expect(readJournal(path)).toHaveLength(3);
  });

  it('is not mixed with another journal', () => {
    prepareJournalDirectory(path);
    writeJournal(path, [records]);
    expect(() => prepareJournalDirectory(path)).toThrow(/two journals were mixed/);
  });
});
