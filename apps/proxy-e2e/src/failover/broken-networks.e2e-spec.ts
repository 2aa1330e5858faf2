import { randomBytes } from 'node:crypto';
import {
  BUSY_MACHINE_MS,
  connectMiner,
  expectSharesToAddUp,
  freePort,
  logIn,
  notify,
  playPool,
  type ProxyProcess,
  type RawPeer,
  type RawPool,
  type SimulatedMiners,
  type SimulatedPool,
  submit,
  subscribed,
  type UnsteadyNetwork,
  until,
  type Weather,
} from '@mining-proxy/e2e-support';
import { BillingStage } from '../billing/support/billing-stage';
import { expectAgreement, tallyAtRest } from '../support/agreement';
import { expectSameBytes } from '../support/bytes';
import { foundNames } from '../support/found-names';
import { startUnresponsivePool } from '../support/unresponsive-pool';
import { expectLedgerOf } from './support/ledger-of-pool';
import { at, mines } from './support/pool-progress';

const ENDLESS_MS = 3_600_000;
/** Long enough for a busy machine to take a miner in, and sweeps are a quarter of it apart. */
const LIMIT_MS = 800;
/** Losses that hold up what is behind them for longer than a miner waits between two shares. */
const BAD_WEATHER: Weather = { delayMs: 10, lossRate: 0.1, sentAgainAfterMs: 80 };

const RIGS = 6;
const POOL = { difficulty: 1e-8, 'job-interval-ms': 300 };
const FLEET = { accounts: 2, 'rigs-per-account': 3, 'reconnect-delay-ms': 50, 'bad-nonce-rate': 0.1 };
const QUICK = { interval_ms: 200, timeout_ms: 1_000, fall: 2, rise: 2 };

/** Guards miners and bills against networks: what is lost ends in bounded time, what is late is counted all the same. */
describe('a network between the proxy and its pool', () => {
  const stage = new BillingStage();
  afterEach(() => stage.clear());

  it.each([
    ['mines on', { job_timeout_ms: LIMIT_MS }, 'upstream', 'POOL_SILENT', minesOn],
    ['says nothing either', { idle_timeout_ms: LIMIT_MS }, 'relay', 'IDLE_TIMEOUT', () => undefined],
    ['leaves', { idle_timeout_ms: LIMIT_MS }, 'relay', 'IDLE_TIMEOUT', (miner: RawPeer) => miner.end()],
  ] as const)(
    'that is cut without a FIN ends the session in bounded time where its miner %s',
    async (_, limit, side, code, meanwhile) => {
      const { proxy, network } = await behindNetwork({
        idle_timeout_ms: ENDLESS_MS,
        job_timeout_ms: ENDLESS_MS,
        ...limit,
      });
      const since = performance.now();
      const miner = await stage.miner(proxy);
      await logIn(miner, 'acme.rig1');
      network.cut();
      const stop = meanwhile(miner);
      await miner.hungUpOn();
      const page = await proxy.counts('stratum_session_closes_total', { side, code }, 1);
      stop?.();
      expect(performance.now() - since).toBeLessThan(LIMIT_MS + LIMIT_MS / 4 + BUSY_MACHINE_MS);
      expect(page.by('stratum_session_closes_total', 'code')).toEqual({ [code]: 1 });
      expect(page.value('stratum_accepted_shares_total')).toBe(0);
      expectSharesToAddUp(page);
    },
  );

  it('that is cut without a FIN does not hold up the end of the proxy', async () => {
    const { proxy, network } = await behindNetwork({ drain_timeout_ms: 10 * LIMIT_MS });
    const miner = await stage.miner(proxy);
    await logIn(miner, 'acme.rig1');
    network.cut();
    miner.say(submit(3, 'acme.rig1'));
    await proxy.counts('stratum_shares_in_flight', {}, 1);
    expect(await proxy.terminate()).toEqual({ code: 0, signal: null });
    expect(await proxy.logged('session closed')).toMatchObject({ side: 'relay', code: 'DRAIN' });
  });

  it('that delays and loses delivers every byte, both ways, in order', async () => {
    const pool = await stage.rawPool();
    const far = await stage.network(pool.port, BAD_WEATHER);
    const proxy = await stage.proxy({ poolPort: far.port });
    const near = await stage.network(proxy.minerPort, BAD_WEATHER);
    const miner = await connectMiner(near.port);
    const upstream = await pool.next();
    const [sent, answered] = [randomBytes(2 ** 20), randomBytes(2 ** 20)];
    await Promise.all([inPieces(miner, sent), inPieces(upstream, answered)]);
    await Promise.all([miner.closes(), upstream.closes()]);
    expectSameBytes(upstream.received, sent);
    expectSameBytes(miner.received, answered);
    const page = await proxy.atRest();
    expect(page.by('stratum_session_closes_total', 'code')).toEqual({ ENDED: 1 });
    expect(page.value('stratum_undelivered_bytes_total')).toBe(0);
  });

  it('that delays and loses costs no share and counts none twice', async () => {
    const pool = await stage.simulatedPool({ ...POOL, 'unanswered-rate': 0.02 });
    const far = await stage.network(pool.port, BAD_WEATHER);
    const proxy = await stage.proxy({ poolPort: far.port });
    const near = await stage.network(proxy.minerPort, BAD_WEATHER);
    const fleet = { ...FLEET, fast: true, shares: 600, 'no-reconnect': true, 'settle-ms': 4_000 };
    const mined = await stage.simulatedMiners(near.port, fleet).summary();
    const page = await proxy.atRest();
    const tally = await tallyAtRest(pool);
    expect(tally).toMatchObject({ submits: 600, accepted: mined.accepted, rejected: mined.rejected });
    expectAgreement(page, tally, mined);
    expectSharesToAddUp(page);
  });

  async function behindNetwork(limits: object): Promise<{ proxy: ProxyProcess; network: UnsteadyNetwork }> {
    const pool = await stage.rawPool({ greets: (peer) => playPool(peer) });
    const network = await stage.network(pool.port);
    return { proxy: await stage.proxy({ poolPort: network.port, proxy: { ...limits } }), network };
  }
});

/** What has become of the first one of two pools. */
interface Trouble {
  readonly port: number;
  /** The check that finds it. */
  readonly kind: 'tcp' | 'stratum';
  /** Called once the first pool has miners; without it the trouble is there from the beginning. */
  readonly comes?: (miners: SimulatedMiners) => Promise<void>;
  /** A pool that truly mines before the trouble comes. */
  readonly pool?: SimulatedPool;
}

/** Guards that no pool can hold miners that another one would serve, and that neither is billed for the other's shares. */
describe('of two pools, the first one', () => {
  const stage = new BillingStage();
  afterEach(() => stage.clear());

  const both = (first: object, second: SimulatedPool) => [
    { name: 'first', host: '127.0.0.1', ...first },
    { name: 'second', host: '127.0.0.1', port: second.port, priority: 1, health: QUICK },
  ];

  it.each([
    ['that takes connections and resets them', resetting],
    ['that takes connections and says nothing', silent],
    ['that sends a job and dies', dying],
    ['that is cut off without a FIN', cutOff],
  ] as const)('%s loses its miners to the second one, and each share is counted once', async (_, befalls) => {
    const trouble = await befalls();
    const second = await stage.simulatedPool(POOL);
    const proxy = await stage.proxy({
      poolPort: trouble.port,
      pools: both({ port: trouble.port, health: { ...QUICK, kind: trouble.kind } }, second),
      proxy: { job_timeout_ms: 2_000 },
    });
    const miners = stage.simulatedMiners(proxy.minerPort, { ...FLEET, 'submits-per-second': 100 });
    await trouble.comes?.(miners);
    await at(second, RIGS);
    await mines(second, 100);
    const mined = await miners.stop();
    const page = await proxy.atRest();
    expect(page.value('stratum_pool_up', { pool_host: `127.0.0.1:${trouble.port}` })).toBe(0);
    const here = await tallyAtRest(second);
    const there = await trouble.pool?.tally();
    expect(mined.accepted).toBe(here.accepted + (there?.accepted ?? 0));
    expect(page.value('stratum_accepted_shares_total')).toBe(mined.accepted);
    await expectLedgerOf(proxy, second.port, here);
    if (there) await expectLedgerOf(proxy, trouble.port, there);
    expectSharesToAddUp(page);
  });

  it('that comes and goes has miners only while it is there, and each share is counted once', async () => {
    const first = await stage.simulatedPool(POOL);
    const second = await stage.simulatedPool(POOL);
    const network = await stage.network(first.port);
    const proxy = await stage.proxy({
      poolPort: network.port,
      pools: both({ port: network.port, health: { ...QUICK, fall: 1, rise: 1 } }, second),
      failover: { on_down: 'close', failback: 'drain', failover_spread_ms: 100 },
    });
    const miners = stage.simulatedMiners(proxy.minerPort, { ...FLEET, 'submits-per-second': 100 });
    const [goes, comes] = ['pool down: it gets no new sessions', 'pool up again'];
    const miningAt = ({ port }: { readonly port: number }) =>
      proxy.counts('stratum_pool_sessions', { pool_host: `127.0.0.1:${port}` }, RIGS);
    for (let time = 1; time <= 3; time += 1) {
      await miningAt(network);
      await mines(first, 20 * time);
      const comeBack = network.refuse();
      await proxy.logged(goes, time);
      await miningAt(second);
      if (time === 3) break;
      await comeBack();
      await proxy.logged(comes, time);
    }
    await mines(second, 50);
    const mined = await miners.stop();
    const page = await proxy.atRest();
    const tallies = [await tallyAtRest(first), await tallyAtRest(second)] as const;
    expect(mined.accepted).toBe(tallies[0].accepted + tallies[1].accepted);
    await expectLedgerOf(proxy, network.port, tallies[0]);
    await expectLedgerOf(proxy, second.port, tallies[1]);
    const closes = page.by('stratum_session_closes_total', 'code');
    expect(closes).toMatchObject({ POOL_DOWN: 3 * RIGS, FAILBACK: 2 * RIGS });
    expect(page.value('stratum_unanswered_shares_total')).toBe(0);
  });

  it.each(['refuses', 'does not answer'])(
    'whose name has an address before the right one that %s is served from, and needs no second one',
    async (what) => {
      const first = await stage.simulatedPool(POOL);
      const second = await stage.simulatedPool(POOL);
      if (what === 'does not answer') {
        const dead = await startUnresponsivePool({ host: '127.0.0.2', port: first.port });
        stage.removedBy(() => dead.stop());
      }
      const host = 'pool.test';
      const proxy = await stage.proxy({
        poolHost: host,
        poolPort: first.port,
        pools: both({ host, port: first.port, health: { ...QUICK, timeout_ms: 3_000 } }, second),
        env: foundNames(stage.directory(), { [host]: ['127.0.0.2', '127.0.0.1'] }),
      });
      const fleet = { ...FLEET, fast: true, shares: 200, 'no-reconnect': true };
      const mined = await stage.simulatedMiners(proxy.minerPort, fleet).summary();
      const page = await proxy.atRest();
      expectAgreement(page, await tallyAtRest(first), mined);
      expect(page.by('stratum_connections_total', 'pool_host')).toEqual({ [proxy.poolHost]: RIGS });
      const dials = page.by('stratum_pool_dials_total', 'outcome', { pool_host: proxy.poolHost });
      expect(Object.keys(dials)).toEqual(['ok']);
      expect(page.value('stratum_failovers_total')).toBe(0);
    },
  );

  it('all of whose addresses are dead is passed over at each dial, and then left out', async () => {
    const second = await stage.simulatedPool(POOL);
    const host = 'pool.test';
    const port = await freePort();
    const proxy = await stage.proxy({
      poolHost: host,
      poolPort: port,
      pools: both({ host, port, health: QUICK }, second),
      env: foundNames(stage.directory(), { [host]: ['127.0.0.2', '127.0.0.3'] }),
    });
    const fleet = { ...FLEET, fast: true, shares: 200, 'no-reconnect': true };
    const mined = await stage.simulatedMiners(proxy.minerPort, fleet).summary();
    const page = await proxy.counts('stratum_pool_up', { pool_host: proxy.poolHost }, 0);
    const tally = await tallyAtRest(second);
    expectAgreement(page, tally, mined);
    await expectLedgerOf(proxy, second.port, tally);
  });

  async function resetting(): Promise<Trouble> {
    const { port } = await stage.rawPool({ greets: (peer) => peer.reset() });
    return { port, kind: 'stratum' };
  }

  async function silent(): Promise<Trouble> {
    const { port } = await stage.rawPool();
    return { port, kind: 'stratum' };
  }

  async function dying(): Promise<Trouble> {
    const dies = (pool: RawPool, peer: RawPeer): void => {
      peer.say(subscribed(1));
      peer.say(notify('j1'));
      void pool.close();
    };
    const pool: RawPool = await stage.rawPool({ greets: (peer) => peer.onLine(() => dies(pool, peer)) });
    return { port: pool.port, kind: 'tcp' };
  }

  async function cutOff(): Promise<Trouble> {
    const pool = await stage.simulatedPool(POOL);
    const network = await stage.network(pool.port);
    return {
      port: network.port,
      kind: 'tcp',
      pool,
      comes: async (miners) => {
        await mines(pool, 100);
        // All that it has answered has arrived: what it is sent from now on it never sees.
        await miners.command('pause', { on: true });
        await until('no share is open', async () => (await miners.tally()).unanswered === 0);
        network.cut();
        network.refuse();
        await miners.command('pause', { on: false });
      },
    };
  }
});

/** A share now and then; returns what stops it. */
function minesOn(miner: RawPeer): () => void {
  let id = 10;
  const timer = setInterval(() => miner.say(submit((id += 1), 'acme.rig1')), 50);
  return () => clearInterval(timer);
}

/** Many pieces, and then the end of the stream. */
async function inPieces(peer: RawPeer, bytes: Buffer): Promise<void> {
  for (let from = 0; from < bytes.length; from += 20_000) {
    await peer.writeAll(bytes.subarray(from, from + 20_000));
  }
  peer.end();
}
