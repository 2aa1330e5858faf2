import { eventually, type MetricsPage, type ProxyProcess, Stage } from '@mining-proxy/e2e-support';
import { Crowd, GenerousPool, type CrowdOptions, type CrowdResult } from './support/crowd';
import { figure, mib } from './support/figures';
import { HealthyMiner } from './support/healthy-miner';
import { PeakMemory } from './support/memory';

const MIB = 2 ** 20;
const BURST = 10_000;
/**
 * On their way at one time. The kernel's queue takes 4,096; of more, a busy machine resets some that the proxy never
 * hears of, and nothing could be said about each of them.
 */
const AT_ONCE = 4_000;
const STORM = 5_000;

/** Far above what was seen (0.4 s), far below what a miner would take for a dead connection. */
const LONGEST_ANSWER_MS = 5_000;

/** Guards the miner inside while a great many come at once: each of them is served or refused, and counted. */
describe('storms', () => {
  const stage = new Stage();
  let crowds: Crowd[] = [];
  let pool: GenerousPool;
  let proxy: ProxyProcess;
  let healthy: HealthyMiner;

  beforeEach(async () => {
    pool = await GenerousPool.start();
    const limits = { max_connections: 2 * BURST, log_level: 'info' };
    proxy = await stage.proxy({ poolPort: pool.port, proxy: limits });
    healthy = await HealthyMiner.start(proxy.minerPort);
  });
  afterEach(async () => {
    await healthy.stop();
    for (const crowd of crowds) await crowd.kill();
    crowds = [];
    await stage.clear();
    await pool.kill();
  });

  it('serves or refuses each of 10,000 that connect in a burst, and forgets none when they leave', async () => {
    const calm = await healthy.report();
    const memory = await PeakMemory.since(proxy);
    const half = { count: BURST / 2, atOnce: AT_ONCE / 2, ends: 'stay', sources: 4 } as const;
    const parts = await Promise.all([comes(half), comes(half)]);
    const stormy = await healthy.report();
    const served = parts.reduce((sum, part) => sum + part.served, 0);
    const refused = parts.reduce((sum, part) => sum + part.refused, 0);
    const peak = await memory.growth();
    expect(parts.map(({ failed }) => failed)).toEqual([{}, {}]);
    expect(served + refused).toBe(BURST);
    // All there is room for: a session takes two descriptors, and 128 are kept for the rest.
    const page = await proxy.metrics();
    expect({
      open: page.value('stratum_active_connections'),
      rejected: page.by('stratum_rejected_connections_total', 'reason'),
      closed: page.by('stratum_session_closes_total', 'code'),
    }).toEqual({
      open: served + 1,
      rejected: refused === 0 ? {} : { descriptors: refused },
      closed: {},
    });
    expect(served + 1).toBe(Math.min(BURST + 1, roomIn(page)));

    await Promise.all(crowds.map((crowd) => crowd.leave()));
    await proxy.counts('stratum_active_connections', {}, 1);
    const after = await healthy.stop();
    figure('10,000 connects in a burst', {
      served,
      refused,
      ms: Math.max(...parts.map(({ ms }) => ms)),
      peakGrowth: mib(peak),
      perSessionKiB: peak / 1024 / served,
      healthyP99Calm: calm.p99,
      healthyP99Burst: stormy.p99,
      healthyMaxBurst: stormy.max,
      healthyP99Leaving: after.p99,
      healthyLost: after.lost,
    });
    expect(after.lost).toBe(0);
    expect(stormy.max).toBeLessThan(LONGEST_ANSWER_MS);
    expect(peak / served).toBeLessThan(64 * 1024);
  });

  it('counts each of 5,000 that connect and reset, and holds none', async () => {
    const calm = await healthy.report();
    const memory = await PeakMemory.since(proxy);
    const { reset, ms } = await comes({ count: STORM, atOnce: 200, ends: 'at_once', sources: 4 });
    await eventually(async () => expect(turnedUp(await proxy.metrics())).toBe(STORM));
    const page = await proxy.counts('stratum_active_connections', {}, 1);
    const { lost, p99, max } = await healthy.stop();
    const peakGrowth = await memory.growth();
    figure('5,000 connects and resets', {
      ms,
      goneBeforeAccept: page.value('stratum_rejected_connections_total', { reason: 'gone' }),
      sessions: page.value('stratum_session_closes_total'),
      peakGrowth: mib(peakGrowth),
      healthyP99Calm: calm.p99,
      healthyP99Storm: p99,
      healthyMaxStorm: max,
      healthyLost: lost,
    });
    expect([reset, lost]).toEqual([STORM, 0]);
    expect(peakGrowth).toBeLessThan(96 * MIB);
  });

  async function comes(options: Omit<CrowdOptions, 'port'>): Promise<CrowdResult> {
    const crowd = Crowd.start({ port: proxy.minerPort, ...options });
    crowds.push(crowd);
    return crowd.settled();
  }
});

/** Connections that the proxy has seen the end of. */
function turnedUp(page: MetricsPage): number {
  return page.value('stratum_rejected_connections_total') + page.value('stratum_session_closes_total');
}

/** Sessions that fit into the proxy's file descriptors. */
function roomIn(page: MetricsPage): number {
  return Math.floor((page.value('process_max_fds') - 128) / 2);
}
