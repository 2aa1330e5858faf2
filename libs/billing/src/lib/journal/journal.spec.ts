import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { temporaryDirectory } from '../ledger/testing/write-journal';
import { Journal, type JournalOptions } from './journal';
import { prepareJournalDirectory } from './journal-directory';
import { kindsIn, readJournal } from './testing/read-journal';
import { client, close, open, share } from './testing/facts';
import { PlayableDisk } from './testing/playable-disk';
import { listSegments } from './segments/segment-files';

describe('Journal', () => {
  const directory = temporaryDirectory();
  const path = `${directory.path}/journal`;
  let disk: PlayableDisk;
  let journal: Journal;

  beforeEach(() => {
    disk = new PlayableDisk();
  });

  afterEach(async () => {
    await journal.close();
    directory.remove();
  });

  function start(options: JournalOptions = {}): Journal {
    journal = new Journal(prepareJournalDirectory(path), disk, options);
    journal.start();
    return journal;
  }

  it('writes what one turn appends with one write, at the end of that turn', async () => {
    start();
    const before = disk.writes;
    journal.append(open('s1'));
    journal.append(share('s1'));
    expect(disk.writes).toBe(before);
    await nextTurn();
    expect(disk.writes).toBe(before + 1);
    expect(kindsIn(path)).toEqual(['segment', 'open', 'share']);
    expect(journal.writeSeconds.counts.reduce((sum, count) => sum + count, 0)).toBe(1);
  });

  it('writes what was appended in a turn when it is told that no more comes, and nothing where nothing was', () => {
    start();
    const before = disk.writes;
    journal.flush();
    expect(disk.writes).toBe(before);
    journal.append(share('s1'));
    journal.flush();
    expect(disk.writes).toBe(before + 1);
    expect(kindsIn(path)).toEqual(['segment', 'share']);
  });

  it('says that it lives although it is told at each turn that no more comes', () => {
    let elapsed = 0;
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'performance'] });
    try {
      start({ tickIntervalMs: 1_500, syncIntervalMs: 1_000, elapsed: () => elapsed });
      elapsed = 1_000;
      journal.flush();
      elapsed = 2_000;
      jest.advanceTimersByTime(1_000);
      journal.flush();
    } finally {
      jest.useRealTimers();
    }
    expect(kindsIn(path)).toEqual(['segment', 'tick']);
  });

  it('times every write, also one that fails and the one that makes up for it', async () => {
    start();
    const timed = () => journal.writeSeconds.counts.reduce((sum, count) => sum + count, 0);
    disk.room = 0;
    journal.append(share('s1'));
    await nextTurn();
    expect(timed()).toBe(1);
    disk.room = Infinity;
    journal.tryAgain();
    expect(timed()).toBe(2);
  });

  it('keeps its id and starts every run with a segment of its own', async () => {
    start();
    const { journalId } = journal;
    await journal.close();
    start();
    expect(journal.journalId).toBe(journalId);
    const headers = readJournal(path).filter((record) => record?.kind === 'segment');
    expect(headers).toMatchObject([
      { journal_id: journalId, segment: 1, run: 1 },
      { journal_id: journalId, segment: 2, run: 2 },
    ]);
  });

  it('goes on in a new segment of the same run when one is full', () => {
    start({ maxSegmentBytes: 500 });
    for (let count = 0; count < 9; count += 1) {
      journal.append(share('s1'));
      journal.flush();
    }
    const headers = readJournal(path).filter((record) => record?.kind === 'segment');
    expect(headers.length).toBeGreaterThan(2);
    expect(headers.map((header) => header.run)).toEqual(headers.map(() => 1));
    expect(kindsIn(path).filter((kind) => kind === 'share')).toHaveLength(9);
  });

  it('goes on in a new segment when one is old', () => {
    let elapsed = 0;
    start({ maxSegmentAgeMs: 1_000, elapsed: () => elapsed });
    journal.append(share('s1'));
    journal.flush();
    elapsed = 1_000;
    journal.append(share('s1'));
    journal.flush();
    expect(kindsIn(path)).toEqual(['segment', 'share', 'segment', 'share']);
  });

  it('dates records with the wall clock as it is, also when that is set back', () => {
    const times = [Date.UTC(2026, 0, 1, 10, 0, 1), Date.UTC(2026, 0, 1, 9, 59, 59)];
    start({ now: () => times.shift() ?? 0 });
    journal.append(open('s1'));
    journal.append(share('s1'));
    journal.flush();
    expect(readJournal(path).map((record) => record?.at)).toEqual([
      Date.UTC(2026, 0, 1, 10, 0, 1), // the header took the first one
      Date.UTC(2026, 0, 1, 9, 59, 59),
      0,
    ]);
  });

  it('keeps clients apart whose names begin alike, however long they are', () => {
    start();
    const ids = ['a', 'b'].map((end) => 'u1'.padEnd(255, 'x') + end);
    for (const id of ids) journal.append(client(id.slice(-1), id));
    journal.flush();
    expect(readJournal(path).slice(1)).toMatchObject(ids.map((client_id) => ({ client_id })));
  });

  it('tells how far it is on the disk once it is, and ends with a stop', async () => {
    start();
    journal.append(open('s1'));
    const synced = await journal.close();
    expect(synced?.position).toEqual({
      segment: 1,
      offset: readFileSync(listSegments(path)[0]!.path).length,
    });
    expect(kindsIn(path)).toEqual(['segment', 'open', 'stop']);
    expect(disk.syncs).toBe(1);
  });

  it('takes nothing any more once it is closed', async () => {
    start();
    await journal.close();
    journal.append(share('s1'));
    await nextTurn();
    expect(journal.fault).toBeUndefined();
    expect(await journal.close()).toBeUndefined();
    expect(kindsIn(path)).toEqual(['segment', 'stop']);
  });

  it('cleans names that no database takes', () => {
    start();
    journal.append(share('s1', `a\u0000b\ud800${'é'.repeat(100)}`));
    journal.flush();
    const [, record] = readJournal(path);
    expect(record).toMatchObject({ worker: `a\ufffdb\ufffd${'é'.repeat(60)}` });
  });

  describe('on a full disk', () => {
    it('keeps each fact once, whatever byte the disk stops at', async () => {
      start();
      journal.append(open('s1'));
      journal.append(share('s1'));
      journal.flush();
      const length = readFileSync(listSegments(path)[0]!.path).length;
      await journal.close();
      directory.remove();
      for (let room = 0; room <= length; room += 7) {
        disk = new PlayableDisk();
        disk.room = room;
        start();
        journal.append(open('s1'));
        journal.append(share('s1'));
        journal.flush();
        if (room < length - 40) expect(journal.fault?.error).toMatch(/ENOSPC/);
        journal.append(share('s1'));
        journal.append(close('s1'));
        journal.flush();
        disk.room = Infinity;
        await journal.close();
        expect(countShares(path)).toBe(2);
        expect(kindsIn(path)).not.toContain('damaged');
        expect(readdirSync(path).filter((name) => name.endsWith('.jsonl'))).toHaveLength(1);
        directory.remove();
      }
      start();
    });

    it('reports the fault, counts it, and goes on by itself when there is room', async () => {
      jest.useFakeTimers({ doNotFake: ['setImmediate', 'performance'] });
      try {
        start();
        disk.room = 0;
        journal.append(open('s1'));
        journal.flush();
        journal.append(share('s1'));
        journal.append(share('s1'));
        expect(journal.fault).toMatchObject({ waiting: 1 });
        expect(journal.errorCount).toBe(1);
        jest.advanceTimersByTime(250);
        expect(journal.errorCount).toBe(2);
        disk.room = Infinity;
        jest.advanceTimersByTime(500);
        expect(journal.fault).toBeUndefined();
        expect(countShares(path)).toBe(2);
      } finally {
        jest.useRealTimers();
      }
    });

    it('keeps counts exact in bounded memory when more sessions open than it can remember', async () => {
      start({ waitingLimits: { sessions: 2, sums: 3, blocks: 1 } });
      disk.room = 0;
      journal.append(share('s0'));
      journal.flush();
      for (let session = 1; session <= 50; session += 1) {
        journal.append(open(`s${session}`));
        journal.append(share(`s${session}`, `worker${session}`));
        if (session % 2 === 0) journal.append(close(`s${session}`));
      }
      expect(journal.fault?.waiting).toBeLessThan(12);
      disk.room = Infinity;
      await journal.close();
      expect(countShares(path)).toBe(51);
      const opened = readJournal(path).filter((record) => record?.kind === 'open');
      // Those that could be remembered, and those that are still open.
      expect(opened).toHaveLength(2 + 24);
    });

    it('finishes the header of a new segment first, when the disk stopped in it', async () => {
      for (let room = 0; room < 160; room += 9) {
        disk = new PlayableDisk();
        start({ maxSegmentBytes: 1 });
        disk.room = room;
        journal.append(share('s1'));
        journal.flush();
        expect(journal.fault).toBeDefined();
        disk.room = Infinity;
        await journal.close();
        const kinds = kindsIn(path);
        expect(kinds.slice(0, 3)).toEqual(['segment', 'segment', 'share']);
        expect(kinds).not.toContain('damaged');
        directory.remove();
      }
      start();
    });

    it('starts, and waits for a segment', async () => {
      prepareJournalDirectory(path);
      disk.failCreates = true;
      start();
      journal.append(open('s1'));
      journal.append(share('s1'));
      expect(journal.fault?.error).toMatch(/EROFS/);
      disk.failCreates = false;
      await journal.close();
      expect(countShares(path)).toBe(1);
    });
  });

  it('does not offer for folding what a failed sync has left open', async () => {
    start();
    disk.failSyncs = true;
    journal.append(share('s1'));
    expect(await journal.close()).toBeUndefined();
    expect(journal.errorCount).toBe(1);
  });
});

function countShares(directory: string): number {
  let shares = 0;
  for (const record of readJournal(directory)) {
    if (record?.kind === 'share') shares += 1;
    if (record?.kind === 'sums') shares += Number(record.numbers.accepted ?? 0);
  }
  return shares;
}
