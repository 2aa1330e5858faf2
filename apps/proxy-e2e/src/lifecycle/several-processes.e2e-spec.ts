import { PostgresCluster, postgresMissing } from '@mining-proxy/billing/testing';
import { describeUnless, say } from '@mining-proxy/e2e-support';
import { BillingStage } from '../billing/support/billing-stage';
import { rowsAtRest, total } from '../billing/support/ledger-rows';
import { tallyAtRest } from '../support/agreement';
import { BoundSocket } from './bound-socket';

const RIGS = 100;
const SHARES = 60_000;

/** Guards that processes which share a port and a database count together what one would count alone. */
describeUnless(postgresMissing(), 'several processes on one port', () => {
  const stage = new BillingStage();
  let cluster: PostgresCluster;
  beforeAll(async () => {
    cluster = await PostgresCluster.create();
    await cluster.start();
  }, 60_000);
  afterEach(() => stage.clear());
  afterAll(async () => {
    await cluster.stop();
    await cluster.remove();
  });

  /** Serves so many shares, as fast as they come, with so many processes; returns how fast, and by how much CPU. */
  async function serve(
    processes: number,
  ): Promise<{ perSecond: number; cpuMs: number; each: readonly number[] }> {
    const databaseUrl = await cluster.newDatabase();
    const pool = await stage.simulatedPool({ fast: true, branches: 1 });
    const socket = new BoundSocket();
    stage.removedBy(() => socket.close());
    const started = Array.from({ length: processes }, () =>
      stage.proxy({
        poolPort: pool.port,
        listeners: [{ name: 'farm', bind_address: '127.0.0.1', bind_port: socket.port }],
        sockets: [{ name: 'farm', fd: socket.fd }],
        proxy: { max_connections: 1_000, drain_timeout_ms: 3_000, data_dir: stage.directory() },
        env: { DATABASE_URL: databaseUrl },
      }),
    );
    const proxies = await Promise.all(started);
    const miners = stage.simulatedMiners(socket.port, {
      accounts: RIGS,
      fast: true,
      shares: SHARES,
      window: 8,
    });
    const tally = await miners.summary();
    const atPool = await tallyAtRest(pool);
    const pages = await Promise.all(proxies.map((proxy) => proxy.atRest()));
    const each = pages.map((page) => page.value('stratum_accepted_shares_total'));
    const cpuMs = pages.reduce((sum, page) => sum + page.value('process_cpu_seconds_total') * 1000, 0);
    for (const proxy of proxies) await proxy.end();
    const rows = await rowsAtRest({ dataDirectory: stage.directory(), databaseUrl }, 'client');
    expect(total(rows, 'accepted')).toBe(atPool.accepted);
    expect(each.reduce((sum, count) => sum + count, 0)).toBe(atPool.accepted);
    expect(tally.accepted).toBe(atPool.accepted);
    const { duration_s } = tally as unknown as { duration_s: number };
    return { perSecond: Math.round(atPool.submits / duration_s), cpuMs: Math.round(cpuMs), each };
  }

  it('count every share once in the one ledger, and both serve', async () => {
    const one = await serve(1);
    const two = await serve(2);
    expect(Math.min(...two.each)).toBeGreaterThan(0);
    say(
      `figure | ${SHARES} shares of ${RIGS} miners, load and pool on the same cores | one process ${one.perSecond} shares/s, ` +
        `${one.cpuMs} ms CPU; two ${two.perSecond} shares/s, ${two.cpuMs} ms CPU, ${two.each.join(' + ')} shares`,
    );
  }, 180_000);
});
