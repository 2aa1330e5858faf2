import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PostgresCluster, postgresMissing } from '@mining-proxy/billing/testing';
import { describeUnless, type ProxyProcess, type SimulatedPool, until } from '@mining-proxy/e2e-support';
import { tallyAtRest } from '../support/agreement';
import { BillingStage } from './support/billing-stage';
import { askLedger, rowsAtRest, total, type LedgerAddress } from './support/ledger-rows';
import { expectLedgerBytes, expectLedgerShares } from './support/pool-account';

const MINERS = {
  accounts: 2,
  'rigs-per-account': 3,
  'submits-per-second': 400,
  'no-reconnect': true,
} as const;

/**
 * The steps of docs/OPERATIONS.md, as an operator does them: a backup of the ledger is made while miners work and the
 * ledger is folded, the ledger is lost, and the restored one catches up from the journal.
 */
describe('a backup of the ledger made under load', () => {
  const stage = new BillingStage();
  let pool: SimulatedPool;
  let address: LedgerAddress;

  beforeEach(async () => {
    pool = await stage.simulatedPool({ fast: true, branches: 1 });
    address = { dataDirectory: stage.directory() };
  });
  afterEach(() => stage.clear());

  function startProxy(): Promise<ProxyProcess> {
    const { dataDirectory, databaseUrl } = address;
    return stage.proxy({
      poolPort: pool.port,
      proxy: { data_dir: dataDirectory, drain_timeout_ms: 3_000 },
      ...(databaseUrl === undefined ? {} : { env: { DATABASE_URL: databaseUrl } }),
    });
  }

  /** Miners work from before the backup until long after it; the proxy then ends, with all of it in the ledger. */
  async function mineAround(backUp: () => unknown): Promise<void> {
    const proxy = await startProxy();
    const miners = stage.simulatedMiners(proxy.minerPort, MINERS);
    await foldsMoreThan(proxy, 300);
    await backUp();
    await foldsMoreThan(proxy, (await pool.tally()).accepted + 300);
    expect(await miners.stop()).toMatchObject({ unanswered: 0, failed_connections: 0 });
    await proxy.atRest();
    await proxy.end();
  }

  /** The copy has less than there is now; a proxy on it folds the rest, and then counts on. */
  async function expectItCatchesUp(): Promise<void> {
    const { accepted } = await tallyAtRest(pool);
    const behind = total(await rowsAtRest(address), 'accepted');
    expect(behind).toBeGreaterThanOrEqual(300);
    expect(behind).toBeLessThan(accepted);
    const proxy = await startProxy();
    await until('the restored ledger has it all', async () => (await folded(proxy)) === accepted);
    await stage.simulatedMiners(proxy.minerPort, { ...MINERS, shares: 100 }).summary();
    await proxy.atRest();
    await proxy.end();
    const tally = await tallyAtRest(pool);
    expect(tally.accepted).toBe(accepted + 100);
    const rows = await rowsAtRest(address);
    expectLedgerShares(rows, tally);
    expectLedgerBytes(rows, tally);
  }

  it('is a file that goes in the place of the lost one, for SQLite', async () => {
    const { dataDirectory } = address;
    const backup = join(stage.directory(), 'ledger.db');
    await mineAround(() => askLedger(address, 'backup', backup));
    for (const end of ['', '-wal', '-shm']) rmSync(join(dataDirectory, `ledger.db${end}`), { force: true });
    cpSync(backup, join(dataDirectory, 'ledger.db'));
    await expectItCatchesUp();
  });

  it('never overwrites a file, which may be the last good backup', async () => {
    const proxy = await startProxy();
    const backup = join(stage.directory(), 'ledger.db');
    await askLedger(address, 'backup', backup);
    await expect(askLedger(address, 'backup', backup)).rejects.toThrow('is there already');
    await proxy.end();
  });

  describeUnless(postgresMissing(), 'in PostgreSQL', () => {
    let cluster: PostgresCluster;
    beforeAll(async () => {
      cluster = await PostgresCluster.create();
      await cluster.start();
    }, 60_000);
    afterAll(() => cluster.remove());

    it('is a dump that goes into an empty database', async () => {
      const dump = join(stage.directory(), 'ledger.dump');
      const lost = await cluster.newDatabase();
      address = { ...address, databaseUrl: lost };
      await mineAround(() => execFileSync('pg_dump', ['--format=custom', `--file=${dump}`, lost]));
      const restored = await cluster.newDatabase();
      execFileSync('pg_restore', ['--exit-on-error', '--no-owner', `--dbname=${restored}`, dump]);
      address = { ...address, databaseUrl: restored };
      await expectItCatchesUp();
    });
  });

  async function folded(proxy: ProxyProcess): Promise<number> {
    const { rows } = (await proxy.json('/billing/usage')) as { rows: { accepted: string }[] };
    return Number(rows[0]?.accepted ?? 0);
  }

  async function foldsMoreThan(proxy: ProxyProcess, shares: number): Promise<void> {
    await until(`${shares} shares are in the ledger`, async () => (await folded(proxy)) > shares);
  }
});
