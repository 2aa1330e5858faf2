import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { closePeriod } from '../statement/close-period';
import { openDatabase, readSnapshot, type LedgerLocation } from './database/database';
import { migrate } from './database/migrate';
import type { LedgerTables } from './database/schema';
import { describeLedger } from './testing/ledger-behaviour';
import { describeReports } from './testing/reports-behaviour';
import { temporaryDirectory } from './testing/write-journal';

describe('the ledger in SQLite', () => {
  const directory = temporaryDirectory();
  let files = 0;
  afterAll(() => directory.remove());

  const newLocation = async (): Promise<LedgerLocation> => {
    files += 1;
    return { kind: 'sqlite', file: join(directory.path, `ledger${files}.db`) };
  };
  describeLedger(newLocation);
  describeReports(newLocation);

  it('is written to while another process reads a statement from it, which does not see that', async () => {
    const location = { kind: 'sqlite', file: join(directory.path, 'shared.db') } as const;
    const [proxy, command] = [openDatabase(location), openDatabase(location)];
    await migrate(proxy);
    const months = async (tables: Kysely<LedgerTables>) =>
      (await tables.selectFrom('periods').select('month').execute()).map(({ month }) => month);
    await readSnapshot(command, async (snapshot) => {
      expect(await months(snapshot)).toEqual([]);
      await closePeriod(proxy, { month: '2026-01', rates: null, now: Date.UTC(2026, 2, 1) });
      expect(await months(snapshot)).toEqual([]);
    });
    expect(await months(command.tables)).toEqual(['2026-01']);
    await command.close();
    await proxy.close();
  }, 30_000);
});
