import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PostgresCluster, postgresMissing } from '@mining-proxy/billing/testing';
import {
  BUSY_MACHINE_MS,
  describeUnless,
  eventually,
  type ProxyProcess,
  type SimulatedMiners,
  type SimulatedPool,
  until,
} from '@mining-proxy/e2e-support';
import { tallyAtRest } from '../support/agreement';
import { BillingStage } from './support/billing-stage';
import { foldedSubmits, rowsAtRest, total } from './support/ledger-rows';
import { expectLedgerBytes, expectLedgerShares } from './support/pool-account';

const AWAY = 'the ledger cannot be written: the journal keeps usage meanwhile';
const REFUSED = 'the ledger refuses the journal until somebody looks: see the log';
const MINERS = {
  accounts: 2,
  'rigs-per-account': 3,
  'submits-per-second': 400,
  'no-reconnect': true,
} as const;

/** Guards that a database serves any number of proxies, and that none of them needs it in order to count. */
describeUnless(postgresMissing(), 'the ledger in PostgreSQL', () => {
  const stage = new BillingStage();
  let cluster: PostgresCluster;
  let pool: SimulatedPool;
  let databaseUrl: string;

  beforeAll(async () => {
    cluster = await PostgresCluster.create();
  }, 60_000);

  beforeEach(async () => {
    await cluster.start();
    databaseUrl = await cluster.newDatabase();
    pool = await stage.simulatedPool({ fast: true, branches: 1 });
  });

  afterEach(async () => {
    await stage.clear();
    await cluster.stop();
  });

  afterAll(() => cluster.remove());

  function proxyOn(dataDirectory: string, settings: object = {}): Promise<ProxyProcess> {
    return stage.proxy({
      poolPort: pool.port,
      proxy: { data_dir: dataDirectory, drain_timeout_ms: 3_000, ...settings },
      env: { DATABASE_URL: databaseUrl },
    });
  }

  function mine(proxy: ProxyProcess, options: object = {}): SimulatedMiners {
    return stage.simulatedMiners(proxy.minerPort, { ...MINERS, ...options });
  }

  async function accepts(more: number): Promise<void> {
    const { accepted } = await pool.tally();
    await until(`${more} more shares`, async () => (await pool.tally()).accepted >= accepted + more);
  }

  /** Shares and bytes of every worker, as the pool has them. */
  async function expectLedgerIsThePools(dataDirectory: string): Promise<void> {
    const tally = await tallyAtRest(pool);
    const rows = await rowsAtRest({ dataDirectory, databaseUrl });
    expectLedgerShares(rows, tally);
    expectLedgerBytes(rows, tally);
  }

  async function warnings(proxy: ProxyProcess): Promise<unknown> {
    const answer = await proxy.get('/readyz');
    expect(answer.status).toBe(200);
    return (JSON.parse(answer.body) as { warnings: unknown }).warnings;
  }

  it('is stopped under load and comes back, and misses nothing', async () => {
    const dataDirectory = stage.directory();
    const proxy = await proxyOn(dataDirectory);
    const miners = mine(proxy);
    await until('usage is folded', async () => (await foldedSubmits(proxy)) > 0);
    await cluster.stop();
    await eventually(async () => expect(await warnings(proxy)).toEqual([AWAY]));
    await accepts(300);
    const asked = await proxy.get('/billing/usage');
    expect(asked.status).toBe(503);
    expect(asked.body).not.toContain(String(cluster.port));
    expect((await proxy.metrics()).value('stratum_ledger_lag_seconds')).toBeGreaterThan(0);
    await cluster.start();
    await eventually(async () => expect(await warnings(proxy)).toEqual([]));
    await accepts(100);
    const mined = await miners.stop();
    expect(mined).toMatchObject({ unanswered: 0, connect_failures: 0, failed_connections: 0 });
    await proxy.end();
    await expectLedgerIsThePools(dataDirectory);
  });

  it('is away from the start of a proxy to its end, and gets it all at the next start', async () => {
    const dataDirectory = stage.directory();
    await cluster.stop();
    const first = await proxyOn(dataDirectory);
    await mine(first, { shares: 300 }).summary();
    await first.atRest();
    const startedAt = performance.now();
    await first.end();
    // Drain, what HTTP needs, and half a second for the ledger.
    expect(performance.now() - startedAt).toBeLessThan(BUSY_MACHINE_MS);
    await cluster.start();
    const second = await proxyOn(dataDirectory, { instance_id: 'renamed' });
    await until('the journal is folded', async () => (await foldedSubmits(second)) === 300);
    await second.end();
    await expectLedgerIsThePools(dataDirectory);
  });

  it('is shared by two proxies that serve the same clients at the same time', async () => {
    const [left, right] = [stage.directory(), stage.directory()];
    const [one, two] = await Promise.all([
      proxyOn(left, { instance_id: 'one' }),
      proxyOn(right, { instance_id: 'two' }),
    ]);
    const fleets = [mine(one), mine(two)];
    await accepts(600);
    await Promise.all(fleets.map((fleet) => fleet.stop()));
    await Promise.all([one.atRest(), two.atRest()]);
    const tally = await tallyAtRest(pool);
    const eachSeesAll = async (proxy: ProxyProcess) => expect(await foldedSubmits(proxy)).toBe(tally.submits);
    await eventually(() => eachSeesAll(one));
    await eventually(() => eachSeesAll(two));
    const month = new Date().toISOString().slice(0, 7);
    const statement = await one.json(`/billing/statements/acct1/${month}`);
    expect((statement.journals as { instance: string }[]).map(({ instance }) => instance).sort()).toEqual([
      'one',
      'two',
    ]);
    await Promise.all([one.end(), two.end()]);
    await expectLedgerIsThePools(left);
  });

  it('stays exact when a proxy comes back with another name and an empty disk', async () => {
    const dataDirectory = stage.directory();
    for (const instance_id of ['before', 'after']) {
      const proxy = await proxyOn(dataDirectory, { instance_id });
      await mine(proxy, { shares: 200 }).summary();
      await proxy.atRest();
      await proxy.end();
      rmSync(dataDirectory, { recursive: true });
    }
    await expectLedgerIsThePools(dataDirectory);
  });

  it('refuses loudly a copy of a data directory whose other copy went on, and counts nothing twice', async () => {
    const [original, copy] = [stage.directory(), stage.directory()];
    const first = await proxyOn(original);
    await mine(first, { shares: 100 }).summary();
    await first.atRest();
    await first.end();
    cpSync(join(original, 'journal'), join(copy, 'journal'), { recursive: true });
    const second = await proxyOn(original);
    await mine(second, { shares: 150 }).summary();
    await second.atRest();
    await second.end();
    const before = await rowsAtRest({ dataDirectory: original, databaseUrl });
    const third = await proxyOn(copy);
    await mine(third, { shares: 50 }).summary();
    await eventually(async () => expect(await warnings(third)).toEqual([REFUSED]));
    expect(
      third.logsOf('the ledger refuses the journal: nothing is folded until this is mended'),
    ).toHaveLength(1);
    await third.end();
    const rows = await rowsAtRest({ dataDirectory: original, databaseUrl });
    expect(rows).toEqual(before);
    expect(total(rows, 'submits')).toBe(250);
  });
});
