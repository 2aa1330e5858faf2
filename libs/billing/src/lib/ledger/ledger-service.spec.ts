import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { comparePositions } from '../journal/position';
import { client, open, share } from '../journal/testing/facts';
import { LedgerService, type LedgerStatus } from './ledger-service';
import { until } from './testing/until';
import { JOURNAL_ID, temporaryDirectory, writeJournal } from './testing/write-journal';

const HOUR = Date.UTC(2026, 0, 5);

describe('LedgerService', () => {
  const directory = temporaryDirectory();
  afterEach(() => directory.remove());

  /** SQLite answers in the turn in which it is asked: a fold that never waits would be the thread's only work. */
  it('hears and answers questions while it catches up with a long journal', async () => {
    const run = [open('s1'), client('s1'), ...Array.from({ length: 40_000 }, () => share('s1'))];
    const journal = writeJournal(join(directory.path, 'journal'), [
      run.map((fact) => ({ ...fact, at: HOUR })),
    ]);
    let last: LedgerStatus | undefined;
    const service = new LedgerService(
      {
        journalDirectory: journal.directory,
        journalId: JOURNAL_ID,
        instance: 'test',
        location: { kind: 'sqlite', file: join(directory.path, 'ledger.db') },
        journalRetentionDays: 35,
        journalMaxBytes: 1e9,
        rates: null,
      },
      (status) => (last = status),
    );
    const isFolded = () => last?.folded !== undefined && comparePositions(last.folded, journal.end) >= 0;
    service.start();
    service.synced({ position: journal.end, at: HOUR });
    await nextTurn();
    const { rows } = await service.usage({ groupBy: ['client'] });
    expect(isFolded()).toBe(false);
    expect(Number(rows[0]?.submits ?? 0)).toBeLessThan(40_000);
    await until(isFolded);
    expect((await service.usage({ groupBy: ['client'] })).rows).toMatchObject([{ submits: '40000' }]);
    await service.stop();
  }, 30_000);
});
