import { randomBytes } from 'node:crypto';
import {
  answer,
  authorize,
  connectMiner,
  difficulty,
  expectSharesToAddUp,
  logIn,
  notify,
  playPool,
  type ProxyProcess,
  type RawPeer,
  Stage,
  submit,
  subscribe,
  subscribed,
  until,
} from '@mining-proxy/e2e-support';
import { earliestMs } from '@mining-proxy/relay/testing';
import { expectSameBytes } from '../support/bytes';
import { figure, mib } from './support/figures';
import { PeakMemory } from './support/memory';

const MINERS = 50;
const MIB = 2 ** 20;

/** Guards miners and bills against their pool: whatever it does, it ends for a reason, and no share is made up. */
describe('a pool', () => {
  const stage = new Stage();
  afterEach(() => stage.clear());

  it('that accepts and says nothing is given up after job_timeout_ms, and has accepted no share', async () => {
    const pool = await stage.rawPool();
    const proxy = await stage.proxy({ poolPort: pool.port, proxy: { job_timeout_ms: 800 } });
    const startedAt = performance.now();
    const miners = await eachMines(proxy);
    await proxy.counts('stratum_session_closes_total', { side: 'upstream', code: 'POOL_SILENT' }, MINERS);
    const ms = Math.round(performance.now() - startedAt);
    await Promise.all(miners.map((miner) => miner.hungUpOn()));
    const page = await proxy.atRest();
    figure('pool says nothing', {
      sessions: MINERS,
      ms,
      unanswered: page.value('stratum_unanswered_shares_total'),
    });
    expect(ms).toBeGreaterThanOrEqual(earliestMs(800));
    expect(page.value('stratum_unanswered_shares_total')).toBe(MINERS);
    expect(page.value('stratum_accepted_shares_total')).toBe(0);
  });

  it('that answers garbage has its bytes passed on as they are, and has accepted no share', async () => {
    const pieces: Buffer[] = [];
    const pool = await stage.rawPool({
      greets: (peer) =>
        peer.onLine(() => {
          const garbage = Buffer.concat([
            randomBytes(4_000),
            Buffer.from('\n{"id":3,"result":\n{"id":3}\n[true]\n'),
          ]);
          pieces.push(garbage);
          peer.write(garbage);
        }),
    });
    const proxy = await stage.proxy({ poolPort: pool.port });
    const miner = await stage.miner(proxy);
    for (let id = 1; id <= 100; id += 1)
      miner.say(id === 1 ? authorize(1, 'acme.rig1') : submit(id, 'acme.rig1'));
    await until('an answer to each', () => pieces.length === 100);
    const said = Buffer.concat(pieces);
    expectSameBytes(await miner.receives(said.length), said);
    const page = await proxy.metrics();
    const unparsed = page.by('stratum_unparsed_lines_total', 'reason', { direction: 'to_downstream' });
    figure('pool answers garbage', { bytes: said.length, unparsed: JSON.stringify(unparsed) });
    expect(unparsed.not_json).toBeGreaterThanOrEqual(200);
    expect(page.value('stratum_accepted_shares_total')).toBe(0);
    expect(page.value('stratum_inspection_faults_total')).toBe(0);
    expectSharesToAddUp(page);
  });

  it.each(['ENDED', 'RESET'] as const)(
    'that closes at once (%s) costs two log lines a session and little memory',
    async (code) => {
      const pool = await stage.rawPool({ greets: (peer) => (code === 'RESET' ? peer.reset() : peer.end()) });
      // A reset may come before the dial has ended, which speaks against the pool: it is to stay up for all of them.
      const health = { fall: 100, interval_ms: 60_000 };
      const proxy = await stage.proxy({
        poolPort: pool.port,
        pools: [{ name: 'it', host: '127.0.0.1', port: pool.port, health }],
        proxy: { log_level: 'info' },
      });
      const memory = await PeakMemory.since(proxy);
      const linesBefore = proxy.logs.length;
      const startedAt = performance.now();
      for (let round = 0; round < 20; round += 1) {
        await Promise.all(Array.from({ length: MINERS }, () => comesAndIsHungUpOn(proxy)));
      }
      const sessions = 20 * MINERS;
      const page = await proxy.counts('stratum_session_closes_total', { side: 'upstream' }, sessions);
      const codes = page.by('stratum_session_closes_total', 'code');
      const peak = await memory.growth();
      const lines = proxy.logs.length - linesBefore;
      const ms = Math.round(performance.now() - startedAt);
      figure(`pool closes at once (${code})`, {
        sessions,
        ms,
        lines,
        codes: JSON.stringify(codes),
        peakGrowth: mib(peak),
      });
      expect((codes[code] ?? 0) + (code === 'RESET' ? (codes.DIAL_FAILED ?? 0) : 0)).toBe(sessions);
      expect(proxy.logsOf('session opened').length + proxy.logsOf('session closed').length).toBe(
        2 * sessions,
      );
      expect(peak).toBeLessThan(64 * MIB);
    },
  );

  it('that trickles a byte at a time is understood all the same', async () => {
    const pool = await stage.rawPool();
    const proxy = await stage.proxy({ poolPort: pool.port });
    const { miner, upstream } = await stage.session(proxy, pool);
    const shares = 20;
    miner.say(subscribe(1));
    miner.say(authorize(2, 'acme.rig1'));
    for (let id = 3; id < 3 + shares; id += 1) miner.say(submit(id, 'acme.rig1'));
    await until('all requests at the pool', () => upstream.lines().length === shares + 2);
    const answers = [subscribed(1), answer(2, true), difficulty(1), notify('j1')] as object[];
    for (let id = 3; id < 3 + shares; id += 1)
      answers.push(id % 4 === 0 ? answer(id, null, [21, 'stale', null]) : answer(id, true));
    const said = Buffer.from(answers.map((each) => `${JSON.stringify(each)}\n`).join(''));
    const startedAt = performance.now();
    for (const byte of said) await upstream.writeAll(Buffer.of(byte));
    expectSameBytes(await miner.receives(said.length), said);
    const page = await proxy.counts('stratum_rejected_shares_total', {}, shares / 4);
    const accepted = page.value('stratum_accepted_shares_total');
    figure('pool trickles', { bytes: said.length, ms: Math.round(performance.now() - startedAt), accepted });
    expect(accepted).toBe(shares - shares / 4);
    expectSharesToAddUp(page);
  });

  it('that is gone for a while is dialled by three miners and then by health checks, until it is there again', async () => {
    const first = await stage.rawPool({ greets: (peer) => playPool(peer) });
    const { port } = first;
    const proxy = await stage.proxy({ poolPort: port, failover: { no_pool_delay_ms: 10 } });
    await first.close();
    for (let tries = 0; tries < 100; tries += 1) await comesAndIsHungUpOn(proxy);
    await proxy.counts('stratum_pool_up', {}, 0);
    expect(proxy.logsOf('pool down: it gets no new sessions')).toHaveLength(1);
    await stage.rawPool({ port, greets: (peer) => playPool(peer) });
    const page = await proxy.counts('stratum_pool_up', {}, 1);
    await logIn(await stage.miner(proxy), 'acme.rig1');
    const failed = page.value('stratum_session_closes_total', { code: 'DIAL_FAILED' });
    const turnedAway = page.value('stratum_session_closes_total', { code: 'NO_POOL' });
    figure('pool is gone for a while', { dialsFailed: failed, turnedAway, downLines: 1 });
    expect([failed, turnedAway]).toEqual([3, 97]);
  });

  /** Logs in and submits, and waits for nothing. */
  async function eachMines(proxy: ProxyProcess): Promise<RawPeer[]> {
    const miners = await Promise.all(Array.from({ length: MINERS }, () => stage.miner(proxy)));
    for (const [n, miner] of miners.entries()) {
      for (const message of [subscribe(1), authorize(2, `acme.rig${n}`), submit(3, `acme.rig${n}`)])
        miner.say(message);
    }
    return miners;
  }

  async function comesAndIsHungUpOn(proxy: ProxyProcess): Promise<void> {
    try {
      await (await connectMiner(proxy.minerPort)).hungUpOn();
    } catch (error) {
      // Reset perhaps before its own side knows that it was up.
      if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    }
  }
});
