import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { comparePositions } from '../../journal/segments/segment-files';
import type { Fact } from '../../journal/records/record';
import { client, close, open, share } from '../../journal/testing/facts';
import { usageReport } from '../../statement/usage-report';
import { openDatabase } from '../database/database';
import { LedgerService, type LedgerStatus } from './ledger-service';
import { until } from '../testing/until';
import { JOURNAL_ID, temporaryDirectory, writeJournal, type WrittenJournal } from '../testing/write-journal';

const HOUR = Date.UTC(2026, 0, 5);
const DAY = 86_400_000;

describe('LedgerService', () => {
  const directory = temporaryDirectory();
  afterEach(() => directory.remove());

  function serviceFor(
    journal: WrittenJournal,
    changed: (status: LedgerStatus) => void,
    now = Date.now,
  ): LedgerService {
    const options = {
      journalDirectory: journal.directory,
      journalId: JOURNAL_ID,
      instance: 'test',
      location: { kind: 'sqlite', file: join(directory.path, 'ledger.db') },
      journalRetentionDays: 35,
      journalMaxBytes: 1e9,
      sessionsRetentionDays: 60,
      rates: null,
    } as const;
    return new LedgerService(options, changed, now);
  }

  /** SQLite answers in the turn in which it is asked: a fold that never waits would be the thread's only work. */
  it('hears and answers questions while it catches up with a long journal', async () => {
    const run = [open('s1'), client('s1'), ...Array.from({ length: 100_000 }, () => share('s1'))];
    const journal = writeJournal(join(directory.path, 'journal'), [
      run.map((fact) => ({ ...fact, at: HOUR })),
    ]);
    let last: LedgerStatus | undefined;
    const service = serviceFor(journal, (status) => (last = status));
    const isFolded = () => last?.folded !== undefined && comparePositions(last.folded, journal.end) >= 0;
    service.start();
    service.synced({ position: journal.end, at: HOUR });
    await nextTurn();
    const { rows } = await service.usage({ groupBy: ['client'] });
    expect(isFolded()).toBe(false);
    expect(Number(rows[0]?.submits ?? 0)).toBeLessThan(100_000);
    await until(isFolded);
    expect((await service.usage({ groupBy: ['client'] })).rows).toMatchObject([{ submits: '100000' }]);
    await service.stop();
  }, 30_000);

  it('folds what comes soon after a fold when somebody asks, and answers with it', async () => {
    const run = [open('s1'), client('s1'), share('s1')].map((fact) => ({ ...fact, at: HOUR }));
    const journal = writeJournal(join(directory.path, 'journal'), [run]);
    let last: LedgerStatus | undefined;
    const service = serviceFor(journal, (status) => (last = status));
    const foldedTo = (end: typeof journal.end) => last?.folded && comparePositions(last.folded, end) >= 0;
    service.start();
    service.synced({ position: journal.end, at: HOUR });
    await until(() => foldedTo(journal.end) === true);

    const more = writeJournal(join(directory.path, 'journal'), [
      [...run, { ...share('s1'), at: HOUR }, { ...close('s1', 10, 1_000), at: HOUR + 1_000 }],
    ]);
    service.synced({ position: more.end, at: HOUR });
    for (let turn = 0; turn < 50; turn += 1) await nextTurn();
    expect(foldedTo(more.end)).toBe(false);
    expect((await service.usage({ groupBy: ['client'] })).rows).toMatchObject([
      { submits: '2', bytes_sent: '10' },
    ]);
    expect(foldedTo(more.end)).toBe(true);
    await service.stop();
  });

  it('removes sessions of months that ended too long ago, keeps their uptime, and nothing else goes', async () => {
    const at = (days: number, ...facts: Fact[]) => facts.map((fact) => ({ ...fact, at: HOUR + days * DAY }));
    const journal = writeJournal(join(directory.path, 'journal'), [
      [
        ...at(
          0,
          open('long ago'),
          client('long ago'),
          share('long ago'),
          open('still open'),
          client('still open'),
        ),
        ...at(1, close('long ago', 10, DAY), open('later'), client('later')),
        ...at(28, close('later', 10, 27 * DAY), share('still open')),
      ],
    ]);
    let tidied = 0;
    const service = serviceFor(
      journal,
      ({ journal: { bytes } }) => (tidied += bytes),
      () => HOUR + 90 * DAY,
    );
    service.start();
    service.synced({ position: journal.end, at: HOUR });
    await until(() => tidied > 0);
    await service.stop();
    const database = openDatabase({ kind: 'sqlite', file: join(directory.path, 'ledger.db') });
    const sessions = await database.tables.selectFrom('sessions').select('session_id').execute();
    const { rows } = await usageReport(database.tables, { groupBy: [] });
    const uptime = await database.tables.selectFrom('uptime').selectAll().execute();
    await database.close();
    expect(uptime).toMatchObject([
      { month: '2026-01', first_seen: BigInt(HOUR), connected_ms: BigInt(27 * DAY) },
    ]);
    expect(sessions.map(({ session_id }) => session_id).sort()).toEqual(['later', 'still open']);
    expect(rows).toMatchObject([{ submits: '2', sessions: '3' }]);
  });
});
