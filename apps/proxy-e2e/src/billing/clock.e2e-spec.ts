import {
  describeUnless,
  eventually,
  logIn,
  playPool,
  type ProxyProcess,
  type RawPeer,
  submit,
} from '@mining-proxy/e2e-support';
import { BillingStage } from './support/billing-stage';
import { FakeClock, fakeClockMissing } from './support/fake-clock';
import { rowsAtRest, total, type LedgerRow } from './support/ledger-rows';
import { expectMetricsEqualLedger } from './support/reconcile';

const WORKER = 'acme.rig1';

/** Guards hours and durations against a wall clock that is set back and forth while the proxy runs. */
describeUnless(fakeClockMissing(), 'a clock that jumps', () => {
  const stage = new BillingStage();
  let dataDirectory: string;
  let clock: FakeClock;
  let proxy: ProxyProcess;
  let miner: RawPeer;
  let nextId: number;

  beforeEach(() => {
    dataDirectory = stage.directory();
    clock = new FakeClock(stage.directory());
  });
  afterEach(() => stage.clear());

  async function start(time: string): Promise<void> {
    clock.set(time);
    nextId = 10;
    const pool = await stage.rawPool({
      greets: (peer) => {
        playPool(peer);
        peer.socket.on('end', () => peer.end());
      },
    });
    proxy = await stage.proxy({ poolPort: pool.port, proxy: { data_dir: dataDirectory }, env: clock.env });
    miner = await stage.miner(proxy);
    await logIn(miner, WORKER);
  }

  async function mineAt(time: string, shares: number): Promise<void> {
    clock.set(time);
    const first = nextId;
    nextId += shares;
    for (let id = first; id < nextId; id++) miner.say(submit(id, WORKER));
    for (let id = first; id < nextId; id++) await miner.messageWith(id);
    await proxy.counts('stratum_accepted_shares_total', { client_id: 'acme' }, nextId - 10);
  }

  async function end(): Promise<LedgerRow[]> {
    miner.end();
    await miner.hungUpOn();
    const page = await proxy.atRest();
    await proxy.end();
    expectMetricsEqualLedger(page, await rowsAtRest({ dataDirectory }, 'client'));
    return rowsAtRest({ dataDirectory }, 'hour');
  }

  it("back over an hour's edge books each share in the hour that it showed then, and none twice", async () => {
    const startedAt = performance.now();
    await start('2026-03-10T12:59:50Z');
    await mineAt('2026-03-10T12:59:55Z', 3);
    await mineAt('2026-03-10T13:00:10Z', 4);
    await mineAt('2026-03-10T12:59:30Z', 5);
    await mineAt('2026-03-10T13:05:00Z', 6);
    const rows = await end();
    expect(submitsByHour(rows)).toEqual({ '2026-03-10T12:00:00Z': 8, '2026-03-10T13:00:00Z': 10 });
    expect(total(rows, 'sessions')).toBe(1);
    // Time is what passed, not what the clock showed.
    const seconds = total(rows, 'session_seconds');
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan((performance.now() - startedAt) / 1000);
  });

  it('back by days and over a restart still has each share once', async () => {
    await start('2026-03-31T23:59:58Z');
    await mineAt('2026-04-01T00:00:30Z', 4);
    await end();
    await start('2026-03-29T10:30:00Z');
    await mineAt('2026-03-29T10:30:05Z', 7);
    miner.end();
    await miner.hungUpOn();
    await eventually(async () => expect((await proxy.atRest()).value('stratum_ledger_lag_seconds')).toBe(0));
    await proxy.end();
    expect(submitsByHour(await rowsAtRest({ dataDirectory }, 'hour'))).toEqual({
      '2026-03-29T10:00:00Z': 7,
      '2026-04-01T00:00:00Z': 4,
    });
  });
});

/** Hours in which a share was booked. */
function submitsByHour(rows: readonly LedgerRow[]): Record<string, number> {
  const counts = rows.map(({ hour = '', submits }) => [hour, Number(submits)] as const);
  return Object.fromEntries(counts.filter(([, submits]) => submits > 0));
}
