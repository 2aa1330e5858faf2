import { randomBytes } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import {
  eventually,
  freePort,
  logIn,
  type LogLine,
  playPool,
  type ProxyProcess,
  Stage,
  submit,
} from '@mining-proxy/e2e-support';
import { earliestMs } from '@mining-proxy/relay/testing';
import { standingHouse } from './support/house';
import { expectSameBytes } from './support/bytes';
import { startUnresponsivePool } from './support/unresponsive-pool';

const onLinux = process.platform === 'linux' ? it : it.skip;

/** Guards how sessions end: every end of one side reaches the other as what it was, and has one counted reason. */
describe('closing', () => {
  const house = standingHouse();

  it('keeps the way from the pool open when the miner finishes its stream', async () => {
    const { miner, upstream } = await house.session();
    miner.write('last words');
    miner.end();
    await upstream.ended();
    expect(upstream.received.toString()).toBe('last words');
    upstream.write('still answered');
    upstream.end();
    expect(await miner.closes()).toEqual({ finished: true, error: undefined });
    expect(miner.received.toString()).toBe('still answered');
  });

  it('keeps the way to the pool open when the pool finishes its stream', async () => {
    const { miner, upstream } = await house.session();
    upstream.write('goodbye');
    upstream.end();
    await miner.ended();
    expect(miner.received.toString()).toBe('goodbye');
    miner.write('one more thing');
    miner.end();
    expect(await upstream.closes()).toEqual({ finished: true, error: undefined });
    expect(upstream.received.toString()).toBe('one more thing');
  });

  it.each(['miner', 'pool'] as const)('delivers what the %s wrote just before it closed', async (who) => {
    const session = await house.session();
    const [from, to] =
      who === 'miner' ? [session.miner, session.upstream] : [session.upstream, session.miner];
    const bytes = randomBytes(300_000);
    from.write(bytes);
    from.end();
    to.end();
    await to.closes();
    expectSameBytes(to.received, bytes);
  });

  it.each([
    ['ENDED', 'downstream', 'miner', 'end'],
    ['ENDED', 'upstream', 'pool', 'end'],
    ['RESET', 'downstream', 'miner', 'reset'],
    ['RESET', 'upstream', 'pool', 'reset'],
  ] as const)('passes on and counts once as %s by %s what the %s does', async (code, side, who, how) => {
    const closesBefore = (await house.proxy.atRest()).value('stratum_session_closes_total');
    const logged = closeLines(house.proxy).length;
    const session = await house.session();
    const [from, to] =
      who === 'miner' ? [session.miner, session.upstream] : [session.upstream, session.miner];
    from.write('x');
    await to.receives(1);
    from[how]();
    if (how === 'end') to.end();
    expect((await to.closes()).error).toBe(how === 'reset' ? 'ECONNRESET' : undefined);
    const page = await house.proxy.atRest();
    expect(page.value('stratum_session_closes_total')).toBe(closesBefore + 1);
    expect(page.value('stratum_session_closes_total', { side, code })).toBeGreaterThanOrEqual(1);
    expect(closeLines(house.proxy).slice(logged)).toMatchObject([{ side, code }]);
  });

  onLinux('leaves no socket behind after many sessions of every kind of end', async () => {
    await house.proxy.atRest();
    const before = openSockets(house.proxy);
    expect(before).toBeGreaterThan(0);
    for (const how of ['end', 'reset', 'destroy', 'end', 'reset'] as const) {
      const sessions = await Promise.all(Array.from({ length: 10 }, () => house.session()));
      for (const { miner } of sessions) miner[how]();
      for (const { upstream } of sessions) upstream.end();
      await Promise.all(sessions.map(({ upstream }) => upstream.closes()));
    }
    await house.proxy.atRest();
    await eventually(() => expect(openSockets(house.proxy)).toBeLessThanOrEqual(before));
  });
});

/** Guards what a miner meets when its pool is away, mute or dies. */
describe('closing, by the pool that fails', () => {
  const stage = new Stage();
  afterEach(() => stage.clear());

  it('turns a miner away when the pool refuses, shows the pool as down, and as up when it is back', async () => {
    const port = await freePort();
    const proxy = await stage.proxy({ poolPort: port });
    const pool_host = proxy.poolHost;
    for (let tries = 1; tries <= 3; tries += 1) {
      const miner = await stage.miner(proxy);
      await miner.hungUpOn();
      expect(await proxy.logged('session closed', tries)).toMatchObject({
        side: 'upstream',
        code: 'DIAL_FAILED',
      });
    }
    const down = await proxy.counts('stratum_pool_up', { pool_host }, 0);
    expect(down.value('stratum_session_closes_total', { side: 'upstream', code: 'DIAL_FAILED' })).toBe(3);
    expect(proxy.logsOf('pool down: it gets no new sessions')).toHaveLength(1);
    const ready = await proxy.get('/readyz');
    expect(ready.status).toBe(200);
    expect(JSON.parse(ready.body)).toMatchObject({
      warnings: ['no pool is up', expect.stringContaining(pool_host)],
    });

    await stage.rawPool({ port, greets: (peer) => playPool(peer) });
    const up = await proxy.counts('stratum_pool_up', { pool_host }, 1);
    await logIn(await stage.miner(proxy), 'acme.rig1');
    expect(up.value('stratum_connect_latency_seconds_count', { pool_host })).toBe(0);
    expect(up.value('stratum_pool_dials_total', { pool_host, outcome: 'ok' })).toBe(2);
    expect(await proxy.json('/readyz')).toMatchObject({ warnings: [] });
  });

  it('closes a session whose pool stays silent for job_timeout_ms, whatever the miner says', async () => {
    const pool = await stage.rawPool();
    const proxy = await stage.proxy({ poolPort: pool.port, proxy: { job_timeout_ms: 400 } });
    const { miner, upstream } = await stage.session(proxy, pool);
    const talking = setInterval(() => miner.write('{"id":1,"method":"mining.noop","params":[]}\n'), 20);
    try {
      await Promise.all([miner.hungUpOn(), upstream.hungUpOn()]);
    } finally {
      clearInterval(talking);
    }
    const line = await proxy.logged('session closed');
    expect(line).toMatchObject({ side: 'upstream', code: 'POOL_SILENT' });
    expect(line.durationMs).toBeGreaterThanOrEqual(earliestMs(400));
  });

  it('gives up a pool that never answers the dial after connection_timeout_ms', async () => {
    const pool = await startUnresponsivePool();
    try {
      const proxy = await stage.proxy({ poolPort: pool.port, proxy: { connection_timeout_ms: 400 } });
      const miner = await stage.miner(proxy);
      await miner.hungUpOn();
      const line = await proxy.logged('session closed');
      expect(line).toMatchObject({ side: 'upstream', code: 'DIAL_TIMEOUT' });
      expect(line.durationMs).toBeGreaterThanOrEqual(earliestMs(400));
    } finally {
      await pool.stop();
    }
  });

  it('counts shares as unanswered when the pool dies in mid-session, and turns the next miner away', async () => {
    const pool = await stage.simulatedPool({ 'unanswered-rate': 1 });
    const proxy = await stage.proxy({ poolPort: pool.port });
    const miner = await stage.miner(proxy);
    await logIn(miner, 'acme.rig1');
    for (let id = 3; id < 8; id += 1) miner.say(submit(id, 'acme.rig1'));
    await proxy.counts('stratum_shares_in_flight', { client_id: 'acme' }, 5);
    await pool.kill();
    await miner.hungUpOn();
    const page = await proxy.atRest();
    expect(page.value('stratum_unanswered_shares_total', { client_id: 'acme' })).toBe(5);
    expect(page.value('stratum_accepted_shares_total')).toBe(0);
    expect(await proxy.logged('session closed')).toMatchObject({ side: 'upstream' });
    await (await stage.miner(proxy)).hungUpOn();
    expect(await proxy.logged('session closed', 2)).toMatchObject({ code: 'DIAL_FAILED' });
  });

  it('answers shares that were in flight when the miner half-closed', async () => {
    const pool = await stage.rawPool({ greets: (peer) => playPool(peer) });
    const proxy = await stage.proxy({ poolPort: pool.port });
    const { miner, upstream } = await stage.session(proxy, pool);
    await logIn(miner, 'acme.rig1');
    miner.say(submit(3, 'acme.rig1'));
    miner.end();
    await upstream.ended();
    upstream.end();
    await miner.closes();
    expect(await miner.messageWith(3)).toMatchObject({ result: true });
    expect((await proxy.atRest()).value('stratum_accepted_shares_total', { client_id: 'acme' })).toBe(1);
  });
});

function closeLines(proxy: ProxyProcess): readonly LogLine[] {
  return proxy.logsOf('session closed');
}

/** Open sockets; other files come and go with the journal and the ledger. */
function openSockets({ program }: ProxyProcess): number {
  const directory = `/proc/${program.pid}/fd`;
  const targets = readdirSync(directory).map((fd) => {
    try {
      return readlinkSync(`${directory}/${fd}`);
    } catch {
      // Closed since it was listed.
      return '';
    }
  });
  return targets.filter((target) => target.startsWith('socket:')).length;
}
