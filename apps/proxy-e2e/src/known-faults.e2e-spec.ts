import {
  answer,
  authorize,
  BUSY_MACHINE_MS,
  connectPeer,
  difficulty,
  eventually,
  expectSharesToAddUp,
  httpGet,
  MetricsPage,
  notify,
  type RawPeer,
  submit,
  subscribe,
  subscribed,
} from '@mining-proxy/e2e-support';
import { earliestMs } from '@mining-proxy/relay/testing';
import { standingHouse } from './support/house';
import { startUnresponsivePool } from './support/unresponsive-pool';

/** Faults that comparable programs are known to have. Each test is named after the fault that it keeps out. */
describe('known faults', () => {
  const house = standingHouse({ proxy: { max_connections: 500 } });
  afterEach(() => house.proxy.atRest());

  it('an accepted share counted twice, once as an event and once as a reply', async () => {
    const { miner, upstream } = await loggedIn('twice.rig1');
    miner.say(submit(3, 'twice.rig1'));
    await upstreamHas(upstream, 'mining.submit');
    upstream.say({ id: null, method: 'mining.share_accepted', params: ['twice.rig1', 'j1'] });
    upstream.say({ id: null, method: 'client.show_message', params: ['Share accepted'] });
    upstream.say(answer(3, true));
    upstream.say(answer(3, true));
    await miner.messageWith(3);
    await sharesOf('twice', { submits: 1, accepted: 1 });
  });

  it('result:null with an error counted as both rejected and accepted', async () => {
    const { miner, upstream } = await loggedIn('both.rig1');
    miner.say(submit(3, 'both.rig1'));
    await upstreamHas(upstream, 'mining.submit');
    upstream.say(answer(3, null, [23, 'Low difficulty share', null]));
    await miner.messageWith(3);
    const page = await sharesOf('both', { submits: 1, rejected: 1 });
    expect(page.by('stratum_share_rejections_total', 'reason', { client_id: 'both' })).toEqual({
      low_difficulty: 1,
    });
  });

  it('an authorize reply counted as a share', async () => {
    const { miner, upstream } = await loggedIn('login.rig1');
    upstream.say(answer(2, true));
    miner.say({ id: 5, method: 'mining.extranonce.subscribe', params: [] });
    await upstreamHas(upstream, 'mining.extranonce.subscribe');
    upstream.say(answer(5, true));
    await miner.messageWith(5);
    await sharesOf('login', { submits: 0 });
  });

  it('a share without a reply counted as accepted after a time-out or on disconnect', async () => {
    const { miner, upstream } = await loggedIn('silent.rig1');
    for (let id = 3; id < 6; id += 1) miner.say(submit(id, 'silent.rig1'));
    await house.proxy.counts('stratum_shares_in_flight', { client_id: 'silent' }, 3);
    miner.end();
    await upstream.hungUpOn();
    await house.proxy.atRest();
    await sharesOf('silent', { submits: 3, unanswered: 3 });
  });

  it("the client's label changing at authorize, so that gauges leak or go negative", async () => {
    for (let round = 0; round < 8; round += 1) {
      const { miner, upstream } = await house.session();
      await house.proxy.counts('stratum_active_connections', { client_id: 'unassigned' }, 1);
      await logInAt(miner, upstream, 'first.rig1');
      await house.proxy.counts('stratum_active_connections', { client_id: 'first' }, 1);
      // A second login, of another account, must not move the session.
      miner.say(authorize(9, 'second.rig1'));
      await upstreamHas(upstream, 'second.rig1');
      upstream.say(answer(9, true));
      await miner.messageWith(9);
      expectNoNegativeGauge(
        await house.proxy.counts('stratum_active_connections', { client_id: 'first' }, 1),
      );
      if (round % 2 === 0) miner.reset();
      else miner.end();
      upstream.end();
      const page = await house.proxy.atRest();
      expectNoNegativeGauge(page);
      expect(page.value('stratum_connections_total', { client_id: 'first' })).toBe(round + 1);
      expect(page.series('stratum_connections_total', { client_id: 'second' })).toEqual([]);
    }
  });

  it('an idle time-out used as a connect time-out', async () => {
    const unresponsive = await startUnresponsivePool();
    try {
      const slow = await house.stage.proxy({
        poolPort: unresponsive.port,
        proxy: { idle_timeout_ms: 300, connection_timeout_ms: 1_500, login_timeout_ms: 300 },
      });
      const miner = await house.stage.miner(slow);
      miner.write('hello\n');
      await miner.hungUpOn();
      const line = await slow.logged('session closed');
      expect(line).toMatchObject({ side: 'upstream', code: 'DIAL_TIMEOUT' });
      expect(line.durationMs).toBeGreaterThanOrEqual(earliestMs(1_500));
    } finally {
      await unresponsive.stop();
    }
  });

  it('a connect time-out that ends a session which is connected and quiet', async () => {
    const quick = await house.stage.proxy({
      poolPort: house.pool.port,
      proxy: { idle_timeout_ms: 1_200, connection_timeout_ms: 200 },
    });
    const { miner, upstream } = await house.stage.session(quick, house.pool);
    miner.write('hello\n');
    await Promise.all([miner.hungUpOn(), upstream.hungUpOn()]);
    const line = await quick.logged('session closed');
    expect(line).toMatchObject({ side: 'relay', code: 'IDLE_TIMEOUT' });
    expect(line.durationMs).toBeGreaterThanOrEqual(earliestMs(1_200));
  });

  it('a fixed limit of one connection per address that locks out a farm behind NAT', async () => {
    const farm = await Promise.all(Array.from({ length: 120 }, () => house.session()));
    expect((await house.proxy.metrics()).value('stratum_active_connections')).toBe(120);
    for (const { miner } of farm) miner.write('x');
    for (const { upstream } of farm) await upstream.receives(1);
    expect((await house.proxy.metrics()).value('stratum_rejected_connections_total')).toBe(0);
  });

  it('shutdown that hangs or forgets sockets', async () => {
    const other = await house.stage.proxy({
      poolPort: house.pool.port,
      proxy: { drain_timeout_ms: 800, close_grace_ms: 300 },
    });
    const sessions = await Promise.all(
      Array.from({ length: 10 }, () => house.stage.session(other, house.pool)),
    );
    // Miners that never close, one that never reads, and an HTTP connection that is kept open and says nothing.
    sessions[0]!.miner.stopReading();
    const visitor = await connectPeer({ port: other.httpPort, host: '127.0.0.1' });
    const startedAt = performance.now();
    expect(await other.terminate()).toEqual({ code: 0, signal: null });
    expect(performance.now() - startedAt).toBeLessThan(800 + BUSY_MACHINE_MS);
    sessions[0]!.miner.read();
    for (const { miner, upstream } of sessions) await Promise.all([miner.hungUpOn(), upstream.hungUpOn()]);
    await visitor.hungUpOn();
    expect(other.logsOf('session closed')).toHaveLength(10);
  });

  it('passwords logged with the authorize line', async () => {
    const { miner, upstream } = await house.session();
    miner.say(subscribe(1));
    miner.say(authorize(2, 'quiet.rig1', 'hunter2-correct-horse'));
    await upstreamHas(upstream, 'hunter2-correct-horse');
    upstream.say(answer(2, true));
    await house.proxy.counts('stratum_active_connections', { client_id: 'quiet' }, 1);
    miner.end();
    upstream.end();
    await house.proxy.atRest();
    expect(house.proxy.logsOf('session identified').at(-1)).toMatchObject({
      clientId: 'quiet',
      worker: 'quiet.rig1',
    });
    expect(house.proxy.output).not.toContain('hunter2');
  });

  it('/healthz that is always 200', async () => {
    const other = await house.stage.proxy({ poolPort: house.pool.port });
    expect((await other.get('/healthz')).status).toBe(200);
    // It speaks for the event loop: while that stands still, nothing may answer in its stead.
    other.program.signal('SIGSTOP');
    const asked = httpGet({ port: other.httpPort, path: '/healthz', timeoutMs: 300 });
    await expect(asked).rejects.toThrow(/abort/i);
    other.program.signal('SIGCONT');
    expect((await other.get('/healthz')).status).toBe(200);
    // And readiness, not health, says that no miners may come any more.
    await house.stage.session(other, house.pool);
    other.program.signal('SIGTERM');
    await eventually(async () => {
      const ready = await other.get('/readyz');
      expect(ready.status).toBe(503);
      expect(JSON.parse(ready.body)).toMatchObject({ ready: false, reasons: ['draining'] });
    });
    expect(await other.program.ended()).toEqual({ code: 0, signal: null });
  });

  it('hashrate shown as accept rate times the current difficulty', async () => {
    const { miner, upstream } = await loggedIn('work.rig1');
    upstream.say(difficulty(1_000));
    miner.say(submit(3, 'work.rig1', 'j1'));
    await upstreamHas(upstream, '"id":3');
    upstream.say(answer(3, true));
    upstream.say(notify('j2'));
    upstream.say(difficulty(5));
    miner.say(submit(4, 'work.rig1', 'j2'));
    miner.say(submit(5, 'work.rig1', 'j1'));
    await upstreamHas(upstream, '"id":5');
    upstream.say(answer(4, true));
    upstream.say(answer(5, true));
    await miner.messageWith(5);
    const page = await sharesOf('work', { submits: 3, accepted: 3 });
    const labels = { client_id: 'work' };
    expect(page.value('stratum_accepted_difficulty_total', labels)).toBe(1 + 1_000 + 1);
    expect(page.value('stratum_accepted_hashes_total', labels)).toBe(1_002 * 2 ** 32);
  });

  it('UTF-8 decoding per chunk that corrupts split characters', async () => {
    const worker = 'žluťoučký-矿工-🐎.rig1';
    const { miner, upstream } = await house.session();
    const line = Buffer.from(`${JSON.stringify(authorize(2, worker))}\n`);
    for (const [index, byte] of line.entries()) {
      await miner.writeAll(Buffer.of(byte));
      // Each byte in a chunk of its own: the next one is written when this one has come out.
      await upstream.receives(index + 1);
    }
    expect(upstream.received.equals(line)).toBe(true);
    const reply = Buffer.from(`${JSON.stringify({ id: 2, result: true, error: null, note: '🐎' })}\n`);
    for (const [index, byte] of reply.entries()) {
      await upstream.writeAll(Buffer.of(byte));
      await miner.receives(index + 1);
    }
    const page = await house.proxy.counts(
      'stratum_active_connections',
      { client_id: 'žluťoučký-矿工-🐎' },
      1,
    );
    expect(page.value('stratum_unparsed_lines_total')).toBe(0);
  });

  it('an end-to-end test that asserts nothing', () => {
    const series = (accepted: number) =>
      new MetricsPage(
        [
          'stratum_submits_total{client_id="a",pool_host="p"} 3',
          `stratum_accepted_shares_total{client_id="a",pool_host="p"} ${accepted}`,
          'stratum_share_equation_difference 0',
        ].join('\n'),
      );
    expectSharesToAddUp(series(3));
    expect(() => expectSharesToAddUp(series(2))).toThrow();
    expect(() => expectSharesToAddUp(new MetricsPage(''))).toThrow();
    expect(expect.getState().assertionCalls).toBeGreaterThan(0);
  });

  async function loggedIn(worker: string): Promise<{ miner: RawPeer; upstream: RawPeer }> {
    const { miner, upstream } = await house.session();
    await logInAt(miner, upstream, worker);
    return { miner, upstream };
  }

  /** Exactly these outcomes, all others 0. */
  async function sharesOf(
    client_id: string,
    expected: Readonly<Record<string, number>>,
  ): Promise<MetricsPage> {
    const page = await house.proxy.metrics();
    const names = ['accepted', 'rejected', 'unknown', 'unanswered'];
    const counted = Object.fromEntries(
      names.map((name) => [name, page.value(`stratum_${name}_shares_total`, { client_id })]),
    );
    const submits = page.value('stratum_submits_total', { client_id });
    expect(page.series('stratum_submits_total', { client_id })).toHaveLength(1);
    expect({ ...counted, submits }).toEqual({
      accepted: 0,
      rejected: 0,
      unknown: 0,
      unanswered: 0,
      ...expected,
    });
    expectSharesToAddUp(page);
    return page;
  }
});

/** Logs in with the pool's part played by hand, at difficulty 1 and with job `j1`. */
async function logInAt(miner: RawPeer, upstream: RawPeer, worker: string): Promise<void> {
  miner.say(subscribe(1));
  miner.say(authorize(2, worker));
  await upstreamHas(upstream, worker);
  for (const message of [subscribed(1), answer(2, true), difficulty(1), notify('j1')]) upstream.say(message);
  await eventually(() => expect(miner.received.toString()).toContain('mining.notify'));
}

async function upstreamHas(upstream: RawPeer, text: string): Promise<void> {
  await eventually(() => expect(upstream.received.toString()).toContain(text));
}

function expectNoNegativeGauge(page: MetricsPage): void {
  for (const { labels, value } of page.series('stratum_active_connections')) {
    expect({ labels, negative: value < 0 }).toEqual({ labels, negative: false });
  }
}
