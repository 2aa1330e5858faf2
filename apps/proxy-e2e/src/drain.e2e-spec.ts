import { connect } from 'node:net';
import { once } from 'node:events';
import {
  BUSY_MACHINE_MS,
  eventually,
  logIn,
  type MetricsPage,
  playPool,
  type ProxyProcess,
  Stage,
  submit,
  until,
} from '@mining-proxy/e2e-support';

/** Guards the shutdown: it ends in time, and no share is lost to it. */
describe('drain', () => {
  const stage = new Stage();
  afterEach(() => stage.clear());

  it('loses no share of hundreds of miners at load, and its last numbers are those of the pool', async () => {
    const miners = 200;
    const pool = await stage.simulatedPool({ fast: true, branches: 1, 'answer-delay-ms': 5 });
    const proxy = await stage.proxy({
      poolPort: pool.port,
      proxy: { max_connections: 500, drain_timeout_ms: 6_000, log_level: 'info' },
    });
    const fleet = stage.simulatedMiners(proxy.minerPort, {
      accounts: 4,
      'rigs-per-account': miners / 4,
      fast: true,
      'submits-per-second': 1_500,
      'no-reconnect': true,
    });
    await proxy.counts('stratum_active_connections', {}, miners);
    await eventually(async () => expect((await pool.tally()).accepted).toBeGreaterThan(500));
    const busy = await proxy.metrics();

    // The witness comes last and keeps its own side open: while it lingers, all others are gone and counted,
    // and the metrics still answer.
    const witness = await stage.miner(proxy);
    await proxy.counts('stratum_active_connections', {}, miners + 1);
    const startedAt = performance.now();
    proxy.program.signal('SIGTERM');
    const last = await lastNumbers(proxy);
    witness.end();

    expect(await proxy.program.ended()).toEqual({ code: 0, signal: null });
    expect(performance.now() - startedAt).toBeLessThan(6_000 + BUSY_MACHINE_MS);
    const [mined, tally] = [await fleet.summary(), await pool.tally()];
    expect(tally.accepted).toBeGreaterThan(busy.value('stratum_accepted_shares_total'));
    expect(tally).toMatchObject({ unanswered: 0, rejected: 0, submits: tally.accepted });
    expect(mined.accepted).toBe(tally.accepted);
    expect(last.value('stratum_submits_total')).toBe(tally.submits);
    expect(last.value('stratum_accepted_shares_total')).toBe(tally.accepted);
    expect(last.value('stratum_accepted_hashes_total')).toBe(tally.accepted_hashes);
    expect(last.value('stratum_unanswered_shares_total')).toBe(0);
    // A submit that the miner wrote too late is read, not passed on, and shown as such.
    expect(last.value('stratum_bytes_sent_total')).toBe(tally.bytes_received);
    expect(last.value('stratum_bytes_received_total')).toBe(tally.bytes_sent);
    const closed = proxy.logsOf('session closed');
    expect(closed).toHaveLength(miners + 1);
    // The witness may have been let go before its own turn came.
    expect(closed.filter(({ code }) => code === 'DRAIN').length).toBeGreaterThanOrEqual(miners);
  });

  it('waits for the answer to a share that is in flight', async () => {
    const pool = await stage.rawPool({ greets: (peer) => playPool(peer, () => undefined) });
    const proxy = await stage.proxy({
      poolPort: pool.port,
      proxy: { drain_timeout_ms: 8_000, close_grace_ms: 8_000 },
    });
    const { miner, upstream } = await stage.session(proxy, pool);
    await logIn(miner, 'acme.rig1');
    miner.say(submit(3, 'acme.rig1'));
    await proxy.counts('stratum_shares_in_flight', {}, 1);
    proxy.program.signal('SIGTERM');
    await until('readiness says no', async () => (await proxy.get('/readyz')).status === 503);
    expect((await proxy.metrics()).value('stratum_shares_in_flight')).toBe(1);
    upstream.say({ id: 3, result: true, error: null });
    expect(await miner.messageWith(3)).toMatchObject({ result: true });
    await proxy.counts('stratum_accepted_shares_total', { client_id: 'acme' }, 1);
    await Promise.all([miner.hungUpOn(), upstream.hungUpOn()]);
    expect(await proxy.program.ended()).toEqual({ code: 0, signal: null });
    expect(proxy.logsOf('session closed')).toMatchObject([{ side: 'relay', code: 'DRAIN' }]);
  });

  it('accepts nobody while it drains, says 503 and still answers metrics and health', async () => {
    const pool = await stage.rawPool();
    const proxy = await stage.proxy({ poolPort: pool.port, proxy: { drain_timeout_ms: 8_000 } });
    const sessions = await Promise.all([stage.session(proxy, pool), stage.session(proxy, pool)]);
    proxy.program.signal('SIGTERM');
    await until('readiness says no', async () => (await proxy.get('/readyz')).status === 503);
    expect((await proxy.get('/healthz')).status).toBe(200);
    expect((await proxy.metrics()).value('stratum_active_connections')).toBeGreaterThan(0);
    const late = connect({ port: proxy.minerPort, host: '127.0.0.1' });
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    for (const { miner, upstream } of sessions) await Promise.all([miner.hungUpOn(), upstream.hungUpOn()]);
    expect(await proxy.program.ended()).toEqual({ code: 0, signal: null });
  });

  it('cuts off at drain_timeout_ms whoever is still there, and exits 0', async () => {
    const pool = await stage.rawPool({ greets: (peer) => playPool(peer, () => undefined) });
    const proxy = await stage.proxy({
      poolPort: pool.port,
      proxy: { drain_timeout_ms: 600, close_grace_ms: 600 },
    });
    const { miner } = await stage.session(proxy, pool);
    await logIn(miner, 'acme.rig1');
    miner.say(submit(3, 'acme.rig1'));
    await proxy.counts('stratum_shares_in_flight', {}, 1);
    const startedAt = performance.now();
    expect(await proxy.terminate()).toEqual({ code: 0, signal: null });
    expect(performance.now() - startedAt).toBeLessThan(600 + BUSY_MACHINE_MS);
    expect(proxy.logsOf('session closed')).toHaveLength(1);
  });

  it('ends at once at a second signal', async () => {
    const pool = await stage.rawPool({ greets: (peer) => playPool(peer, () => undefined) });
    const proxy = await stage.proxy({
      poolPort: pool.port,
      proxy: { drain_timeout_ms: 60_000, close_grace_ms: 60_000 },
    });
    const { miner } = await stage.session(proxy, pool);
    await logIn(miner, 'acme.rig1');
    miner.say(submit(3, 'acme.rig1'));
    await proxy.counts('stratum_shares_in_flight', {}, 1);
    proxy.program.signal('SIGTERM');
    await until('readiness says no', async () => (await proxy.get('/readyz')).status === 503);
    const startedAt = performance.now();
    proxy.program.signal('SIGTERM');
    expect(await proxy.program.ended()).toEqual({ code: 1, signal: null });
    expect(performance.now() - startedAt).toBeLessThan(BUSY_MACHINE_MS);
    expect(proxy.logs.at(-1)).toMatchObject({ level: 'warn', signal: 'SIGTERM' });
  });

  it('drains at SIGINT as at SIGTERM', async () => {
    const pool = await stage.rawPool();
    const proxy = await stage.proxy({ poolPort: pool.port });
    const { miner, upstream } = await stage.session(proxy, pool);
    proxy.program.signal('SIGINT');
    await Promise.all([miner.hungUpOn(), upstream.hungUpOn()]);
    expect(await proxy.program.ended()).toEqual({ code: 0, signal: null });
    expect(proxy.logsOf('session closed')).toMatchObject([{ side: 'relay', code: 'DRAIN' }]);
  });
});

/** The page of the moment at which only the witness is left. */
async function lastNumbers(proxy: ProxyProcess): Promise<MetricsPage> {
  return until('only the witness is left', async () => {
    const page = await proxy.metrics();
    return page.value('stratum_active_connections') === 1 && page;
  });
}
