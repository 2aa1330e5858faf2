import {
  eventually,
  freePort,
  type ProxyProcess,
  say,
  type SimulatedMiners,
  type SimulatedPool,
  until,
} from '@mining-proxy/e2e-support';
import { BillingStage } from '../billing/support/billing-stage';
import { askLedger, rowsAtRest, total, usageRows } from '../billing/support/ledger-rows';
import { at, mines } from './support/pool-progress';

const HEALTH = { interval_ms: 200, timeout_ms: 1_000, fall: 2, rise: 2 };
const HASHING = { difficulty: 1e-7 };

/** Guards what a pool's death costs: no share twice, none lost that was answered, and no miner for long. */
describe('two pools', () => {
  const stage = new BillingStage();
  afterEach(() => stage.clear());

  const pools = (first: number, second: number, health: object = HEALTH) => [
    { name: 'first', host: '127.0.0.1', port: first, health },
    { name: 'second', host: '127.0.0.1', port: second, priority: 1, health },
  ];

  /** So many miners, at work at the pool. */
  async function farmAt(pool: SimulatedPool, proxy: ProxyProcess, rigs: number): Promise<SimulatedMiners> {
    const miners = stage.simulatedMiners(proxy.minerPort, {
      accounts: rigs,
      'submits-per-second': 100,
      'reconnect-delay-ms': 100,
    });
    await at(pool, rigs);
    await mines(pool, 50);
    return miners;
  }

  it('bill each what it answered, through the death of the first one and of the proxy', async () => {
    const dataDirectory = stage.directory();
    const bindPort = await freePort();
    const first = await stage.simulatedPool(HASHING);
    const second = await stage.simulatedPool(HASHING);
    const open = () =>
      stage.proxy({
        poolPort: first.port,
        pools: pools(first.port, second.port),
        proxy: { bind_port: bindPort, data_dir: dataDirectory },
      });
    let proxy = await open();
    const rigs = 20;
    const miners = stage.simulatedMiners(bindPort, {
      accounts: rigs,
      'submits-per-second': 200,
      'reconnect-delay-ms': 50,
    });
    await mines(first, 100);
    // Shares that it gets from now on are never answered.
    await first.command('silent', { on: true });
    const deadTally = await first.tally();
    await first.kill();
    await mines(second, 100);
    await eventually(async () => expect((await second.tally()).open_connections).toBe(rigs));
    await miners.command('pause', { on: true });
    const page = await proxy.counts('stratum_shares_in_flight', {}, 0);
    expect(page.value('stratum_share_equation_difference')).toBe(0);
    expect(page.value('stratum_pool_up', { pool_host: `127.0.0.1:${first.port}` })).toBe(0);

    await proxy.program.kill();
    proxy = await open();
    await eventually(async () => expect((await second.tally()).open_connections).toBe(rigs));
    const before = (await second.tally()).accepted;
    await miners.command('pause', { on: false });
    await mines(second, before + 100);
    await miners.stop();
    const tally = await second.tally();
    const answered = deadTally.accepted + tally.accepted;
    await until('all is folded', async () => {
      return total(await usageRows(proxy, 'group_by=pool'), 'accepted') === answered;
    });
    await proxy.end();

    const rows = await rowsAtRest({ dataDirectory }, 'pool');
    const told = rows.map(({ pool, accepted, rejected }) => [pool, accepted, rejected].join(' '));
    expect(told.sort()).toEqual(
      [
        `127.0.0.1:${first.port} ${deadTally.accepted} ${deadTally.rejected}`,
        `127.0.0.1:${second.port} ${tally.accepted} ${tally.rejected}`,
      ].sort(),
    );
    const month = new Date().toISOString().slice(0, 7);
    const verified = JSON.parse(await askLedger({ dataDirectory }, 'verify', month)) as object;
    expect(verified).toMatchObject({ difference_count: 0 });
  }, 90_000);

  it('serve 500 miners through a pool that is killed and comes back', async () => {
    const rigs = 500;
    const first = await stage.simulatedPool(HASHING);
    const second = await stage.simulatedPool({ ...HASHING, 'job-interval-ms': 500 });
    const proxy = await stage.proxy({
      poolPort: first.port,
      pools: pools(first.port, second.port, { ...HEALTH, kind: 'tcp' }),
      failover: { on_down: 'close', failback: 'drain', failover_spread_ms: 1_000 },
      proxy: { max_connections: 2_000, log_level: 'info' },
    });
    const miners = await farmAt(first, proxy, rigs);
    await first.kill();
    const killed = await moved(second, rigs);
    const again = await stage.simulatedPool({ ...HASHING, port: first.port });
    const back = await moved(again, rigs);
    await mines(again, 50);
    await miners.command('pause', { on: true });
    const page = await proxy.counts('stratum_shares_in_flight', {}, 0);
    expect(page.value('stratum_share_equation_difference')).toBe(0);
    const unanswered = page.value('stratum_unanswered_shares_total');
    say(
      `figure | failover of ${rigs} miners, ms until half and all have a pool again | killed ${killed.half} / ${killed.all}, ` +
        `back ${back.half} / ${back.all}; shares unanswered ${unanswered} of ${page.value('stratum_submits_total')}`,
    );
    const seen = await miners.stop();
    expect(page.value('stratum_accepted_shares_total')).toBe(seen.accepted);
  }, 120_000);

  it('serve 500 miners whose pool falls silent: a check that asks for a job finds it', async () => {
    const rigs = 500;
    const early = { ...HASHING, 'job-on-subscribe': true };
    const first = await stage.simulatedPool(early);
    const second = await stage.simulatedPool(early);
    const proxy = await stage.proxy({
      poolPort: first.port,
      pools: pools(first.port, second.port, { ...HEALTH, kind: 'stratum' }),
      failover: { on_down: 'close', failover_spread_ms: 1_000 },
      proxy: { max_connections: 2_000, log_level: 'info', close_grace_ms: 500 },
    });
    const miners = await farmAt(first, proxy, rigs);
    await first.command('silent', { on: true });
    const silent = await moved(second, rigs);
    await mines(second, 50);
    await miners.command('pause', { on: true });
    const page = await proxy.counts('stratum_shares_in_flight', {}, 0);
    expect(page.value('stratum_share_equation_difference')).toBe(0);
    const seen = await miners.stop();
    expect(page.value('stratum_accepted_shares_total')).toBe(seen.accepted);
    say(
      `figure | failover of ${rigs} miners, ms until half and all have a pool again | silent ${silent.half} / ${silent.all}; ` +
        `shares unanswered ${page.value('stratum_unanswered_shares_total')} of ${page.value('stratum_submits_total')}`,
    );
  }, 120_000);

  it('are drained and resumed by hand, with the token', async () => {
    const token = 'the-admin-token-of-this-test';
    const first = await stage.simulatedPool(HASHING);
    const second = await stage.simulatedPool(HASHING);
    const proxy = await stage.proxy({
      poolPort: first.port,
      pools: pools(first.port, second.port),
      failover: { failover_spread_ms: 100, failback: 'drain' },
      proxy: { admin_token: token },
    });
    stage.simulatedMiners(proxy.minerPort, { accounts: 5, 'reconnect-delay-ms': 20 });
    await at(first, 5);
    expect(await post(proxy, '/pools/first/drain', undefined)).toBe(401);
    expect(await post(proxy, '/pools/third/drain', token)).toBe(404);
    expect(await post(proxy, '/pools/first/drain', token)).toBe(200);
    await at(second, 5);
    const answer = await proxy.get('/pools', { authorization: `Bearer ${token}` });
    expect((JSON.parse(answer.body) as { pools: object[] }).pools).toMatchObject([
      { name: 'first', state: 'drained', up: true, reason: 'drained by hand', sessions: 0 },
      { name: 'second', state: 'up', sessions: 5, dial_latency_ms: expect.any(Number) as number },
    ]);
    expect(await post(proxy, '/pools/first/resume', token)).toBe(200);
    await at(first, 5);
    const page = await proxy.metrics();
    expect(page.value('stratum_session_closes_total', { code: 'POOL_DRAINED' })).toBe(5);
    expect(page.value('stratum_session_closes_total', { code: 'FAILBACK' })).toBe(5);
  }, 60_000);

  /** From now on: milliseconds until half of the miners, and all, are at the pool. */
  async function moved(pool: SimulatedPool, miners: number): Promise<{ half: number; all: number }> {
    const since = performance.now();
    await at(pool, miners / 2);
    const half = Math.round(performance.now() - since);
    await at(pool, miners);
    return { half, all: Math.round(performance.now() - since) };
  }

  async function post(proxy: ProxyProcess, path: string, token: string | undefined): Promise<number> {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return (await fetch(`http://127.0.0.1:${proxy.httpPort}${path}`, { method: 'POST', headers })).status;
  }
});
