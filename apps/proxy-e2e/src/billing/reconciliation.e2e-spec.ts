import {
  answer,
  eventually,
  logIn,
  playPool,
  type ProxyProcess,
  type RawPeer,
  submit,
  subscribe,
} from '@mining-proxy/e2e-support';
import { tallyAtRest } from '../support/agreement';
import { BillingStage } from './support/billing-stage';
import { rowsAtRest, total, usageRows, type LedgerRow } from './support/ledger-rows';
import { expectLedgerBytes, expectLedgerShares } from './support/pool-account';
import { expectMetricsEqualLedger } from './support/reconcile';

const FAST = { accounts: 3, 'rigs-per-account': 2, fast: true, 'no-reconnect': true } as const;

/** Guards that what Prometheus shows is what is billed: once the sessions are closed, both are one set of numbers. */
describe('the ledger and /metrics', () => {
  const stage = new BillingStage();
  afterEach(() => stage.clear());

  it('agree with each other and with the pool, of every client, worker, reason and byte', async () => {
    const pool = await stage.simulatedPool({ difficulty: 1e-8, 'unanswered-rate': 0.02 });
    const proxy = await stage.proxy({ poolPort: pool.port });
    await stage
      .simulatedMiners(proxy.minerPort, {
        ...FAST,
        shares: 900,
        'stale-count': 12,
        'duplicate-count': 11,
        'low-difficulty-count': 10,
        'bad-nonce-count': 9,
        'unauthorized-count': 8,
        'settle-ms': 200,
      })
      .summary();
    const page = await proxy.atRest();
    const tally = await tallyAtRest(pool);
    expect(tally.unanswered).toBeGreaterThan(0);
    expect(tally.rejected).toBeGreaterThanOrEqual(50);
    await eventually(async () => {
      expectMetricsEqualLedger(page, await byClient(proxy));
      const rows = await usageRows(proxy, 'group_by=client,worker');
      expectLedgerShares(rows, tally);
      expectLedgerBytes(
        rows.filter(({ sessions }) => sessions !== '0'),
        tally,
      );
    });
    expect(page.value('stratum_ledger_lag_seconds')).toBeLessThan(10);
  });

  it('grow alike in each life of the proxy on one directory', async () => {
    const dataDirectory = stage.directory();
    const pool = await stage.simulatedPool({ difficulty: 1e-8 });
    let before: LedgerRow[] = [];
    for (const shares of [300, 500]) {
      const proxy = await stage.proxy({ poolPort: pool.port, proxy: { data_dir: dataDirectory } });
      await stage.simulatedMiners(proxy.minerPort, { ...FAST, shares, 'bad-nonce-rate': 0.1 }).summary();
      const page = await proxy.atRest();
      expect(page.value('stratum_submits_total')).toBe(shares);
      await proxy.end();
      const rows = await rowsAtRest({ dataDirectory }, 'client');
      expectMetricsEqualLedger(page, rows, before);
      before = rows;
    }
    expect(total(before, 'submits')).toBe(800);
  });

  it('name the same clients where these are known by address, by worker, late or never', async () => {
    const pool = await stage.rawPool({
      greets: (peer) => {
        playPool(peer, judge);
        peer.socket.on('end', () => peer.end());
      },
    });
    const proxy = await stage.proxy({
      poolPort: pool.port,
      clients: [
        { client_id: 'farm', source_cidrs: ['127.0.0.2/32'], accounts: ['acme'] },
        { client_id: 'rented', workers: ['lease.*'] },
        { client_id: 'idle' },
      ],
    });
    const mine = async (worker: string, shares: number, localAddress = '127.0.0.1') => {
      const miner = await stage.miner(proxy, { localAddress });
      await logIn(miner, worker);
      await submitAll(miner, worker, shares);
      return miner;
    };
    const miners = [
      await mine('acme.rig1', 3, '127.0.0.2'),
      await mine('thief.rig1', 2, '127.0.0.2'),
      await mine('lease.rig7', 4),
      await mine('walkin.rig1', 5),
    ];
    // Never logs in: its first submit says who it is, long after bytes were counted.
    const late = await stage.miner(proxy);
    late.say(subscribe(1));
    await late.messageWith(1);
    await submitAll(late, 'latecomer.rig1', 6);
    // Says nothing that could name it.
    const stranger = await stage.miner(proxy);
    stranger.say(subscribe(1));
    await stranger.messageWith(1);
    for (const miner of [...miners, late, stranger]) {
      miner.end();
      await miner.hungUpOn();
    }
    const page = await proxy.atRest();
    await eventually(async () => {
      const rows = await byClient(proxy);
      expectMetricsEqualLedger(page, rows);
      expect(Object.fromEntries(rows.map((row) => [row.client_id, Number(row.submits)]))).toEqual({
        farm: 5,
        rented: 4,
        walkin: 5,
        latecomer: 6,
        unassigned: 0,
      });
      expect(rows.find(({ client_id }) => client_id === 'farm')).toMatchObject({
        foreign_accounts: expect.stringMatching(/^[1-9]/) as string,
      });
    });
  });

  it('end the same after a SIGTERM under load, which leaves nothing to be folded', async () => {
    const dataDirectory = stage.directory();
    const pool = await stage.simulatedPool({ fast: true, branches: 1, 'answer-delay-ms': 5 });
    const proxy = await stage.proxy({
      poolPort: pool.port,
      proxy: { data_dir: dataDirectory, drain_timeout_ms: 4_000, log_level: 'info' },
    });
    const fleet = stage.simulatedMiners(proxy.minerPort, {
      accounts: 4,
      'rigs-per-account': 10,
      'submits-per-second': 1_000,
      'no-reconnect': true,
    });
    await eventually(async () => expect((await pool.tally()).accepted).toBeGreaterThan(500));
    expect(await proxy.terminate()).toEqual({ code: 0, signal: null });
    const mined = await fleet.summary();
    const tally = await tallyAtRest(pool);
    expect(tally).toMatchObject({ unanswered: 0, accepted: mined.accepted });
    const rows = await rowsAtRest({ dataDirectory });
    expectLedgerShares(rows, tally);
    expectLedgerBytes(rows, tally);
  });
});

async function submitAll(miner: RawPeer, worker: string, shares: number): Promise<void> {
  for (let id = 10; id < 10 + shares; id++) miner.say(submit(id, worker));
  for (let id = 10; id < 10 + shares; id++) await miner.messageWith(id);
}

/** Takes every other share, and says why it does not take the rest. */
function judge(id: unknown): object {
  return Number(id) % 2 === 0 ? answer(id, true) : answer(id, null, [22, 'Duplicate share', null]);
}

function byClient(proxy: ProxyProcess): Promise<LedgerRow[]> {
  return usageRows(proxy, 'group_by=client');
}
