import { comparePositions, type Position } from '../../journal/segments/segment-files';
import { share } from '../../journal/testing/facts';
import { DamageSeen } from './damage-seen';
import { LedgerService, type LedgerStatus } from './ledger-service';
import { JOURNAL_ID, temporaryDirectory, writeJournal } from '../testing/write-journal';
import { until } from '../testing/until';

/** Guards that a crash's damage is news to the process that folds it, and to none after it. */
describe('DamageSeen', () => {
  const directory = temporaryDirectory();
  afterAll(() => directory.remove());

  /** One life of the ledger's thread, to which all of the journal is known before it first looks. */
  async function foldAll(end: Position): Promise<DamageSeen> {
    const seen = new DamageSeen();
    let status: LedgerStatus | undefined;
    const service = new LedgerService(
      {
        journalDirectory: directory.path,
        journalId: JOURNAL_ID,
        instance: 'test',
        location: { kind: 'sqlite', file: `${directory.path}/ledger.db` },
        journalRetentionDays: 35,
        journalMaxBytes: 1e9,
        sessionsRetentionDays: 400,
        rates: null,
      },
      (next) => seen.note((status = next)),
    );
    service.synced({ position: end, at: 1 });
    service.start();
    await until(() => comparePositions(status?.folded ?? { segment: 0, offset: 0 }, end) === 0);
    await service.stop();
    return seen;
  }

  it('has what is folded in this life, and not what the ledger knows from earlier ones', async () => {
    const unreadable = { ...share('s1'), hashes: '1.5', at: 1 } as never;
    const { end } = writeJournal(directory.path, [[unreadable, { ...share('s2'), at: 2 }]]);
    expect(await foldAll(end)).toMatchObject({ badRecords: 1, orphans: 1 });
    expect(await foldAll(end)).toMatchObject({ badRecords: 0, orphans: 0 });
  });

  it('does not count again what a restored ledger folds again, nor go back', () => {
    const seen = new DamageSeen();
    const folded = { segment: 1, offset: 0 };
    const note = (badRecords: number) => seen.note({ folded, badRecords, orphans: 0 } as LedgerStatus);
    for (const records of [3, 5, 2, 5]) {
      note(records);
      expect(seen.badRecords).toBe(records === 3 ? 0 : 2);
    }
  });

  it('does not take a ledger that is not reached yet for one without damage', () => {
    const seen = new DamageSeen();
    seen.note({ folded: undefined, badRecords: 0, orphans: 0 } as LedgerStatus);
    seen.note({ folded: { segment: 1, offset: 0 }, badRecords: 4, orphans: 0 } as LedgerStatus);
    expect(seen.badRecords).toBe(0);
  });
});
