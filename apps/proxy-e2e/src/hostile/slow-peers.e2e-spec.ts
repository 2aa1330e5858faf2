import { connect, type Socket } from 'node:net';
import {
  connectMiner,
  eventually,
  type ProxyProcess,
  type RawPeer,
  Stage,
  until,
} from '@mining-proxy/e2e-support';
import { earliestMs } from '@mining-proxy/relay/testing';
import { GenerousPool } from './support/crowd';
import { figure, mib } from './support/figures';
import { HealthyMiner } from './support/healthy-miner';
import { PeakMemory } from './support/memory';

const SLOW = 200;
const LOGIN_TIMEOUT_MS = 800;
const JOB_TIMEOUT_MS = 1_600;
const MIB = 2 ** 20;

/** Guards the places of those who mine: a peer that takes its time, to keep one, has it for a limited time only. */
describe('slow peers', () => {
  const stage = new Stage();
  const held: Socket[] = [];
  let pool: GenerousPool;
  let proxy: ProxyProcess;
  let healthy: HealthyMiner;

  beforeAll(async () => {
    pool = await GenerousPool.start();
    const limits = {
      login_timeout_ms: LOGIN_TIMEOUT_MS,
      job_timeout_ms: JOB_TIMEOUT_MS,
      max_connections: 2 * SLOW,
    };
    proxy = await stage.proxy({ poolPort: pool.port, proxy: limits });
    healthy = await HealthyMiner.start(proxy.minerPort);
  });
  afterAll(async () => {
    await healthy.stop();
    for (const socket of held) socket.destroy();
    await stage.clear();
    await pool.kill();
  });

  it('that connect and say nothing are closed after login_timeout_ms', async () => {
    const memory = await PeakMemory.since(proxy);
    const startedAt = performance.now();
    const slow = await slowMiners();
    await proxy.counts('stratum_session_closes_total', { side: 'downstream', code: 'LOGIN_TIMEOUT' }, SLOW);
    const ms = Math.round(performance.now() - startedAt);
    await Promise.all(slow.map((each) => each.hungUpOn()));
    await fares('slowloris at accept', { closed: SLOW, ms }, memory);
    expect(ms).toBeGreaterThanOrEqual(earliestMs(LOGIN_TIMEOUT_MS));
  });

  it('that spell out a login that never ends are closed when the pool has said nothing for job_timeout_ms', async () => {
    const memory = await PeakMemory.since(proxy);
    const startedAt = performance.now();
    const slow = await slowMiners();
    const login = '{"id":1,"method":"mining.authorize","params":["slow.rig';
    let spelt = 0;
    const spelling = setInterval(() => {
      for (const each of slow) if (each.socket.writable) each.write(login[spelt % login.length] ?? ' ');
      spelt += 1;
    }, 50);
    try {
      await proxy.counts('stratum_session_closes_total', { side: 'upstream', code: 'POOL_SILENT' }, SLOW);
    } finally {
      clearInterval(spelling);
    }
    const ms = Math.round(performance.now() - startedAt);
    await fares('slowloris before login', { closed: SLOW, ms, bytesEach: spelt }, memory);
    expect(ms).toBeGreaterThanOrEqual(earliestMs(JOB_TIMEOUT_MS));
    for (const each of slow) each.destroy();
  });

  it('on the HTTP side take nothing from miners, and make room again', async () => {
    const memory = await PeakMemory.since(proxy);
    const startedAt = performance.now();
    for (let n = 0; n < 300; n += 1) held.push(halfARequest(proxy.httpPort));
    await until('they are as many as may be', async () => held.some((socket) => socket.destroyed));
    const next = await HealthyMiner.start(proxy.minerPort, 'late.rig1');
    const { lost } = await next.stop();
    const taken = held.filter((socket) => !socket.destroyed).length;
    await eventually(async () => expect((await proxy.get('/healthz')).status).toBe(200), 40_000);
    const ms = Math.round(performance.now() - startedAt);
    await fares('slowloris at HTTP', { taken, lockedOutMs: ms, lost }, memory);
    expect(lost).toBe(0);
    expect(ms).toBeLessThan(20_000);
  });

  async function slowMiners(): Promise<RawPeer[]> {
    return Promise.all(Array.from({ length: SLOW }, () => connectMiner(proxy.minerPort)));
  }

  async function fares(name: string, values: Record<string, number>, memory: PeakMemory): Promise<void> {
    const peak = await memory.growth();
    const { p99, shares } = await healthy.report();
    figure(name, { ...values, peakGrowth: mib(peak), healthyShares: shares, healthyP99: p99 });
    expect(peak).toBeLessThan(64 * MIB);
    expect((await proxy.metrics()).value('stratum_active_connections')).toBe(1);
  }
});

function halfARequest(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => socket.destroy());
  socket.resume();
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
  return socket;
}
