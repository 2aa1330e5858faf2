import {
  describeUnless,
  eventually,
  httpGet,
  logIn,
  playPool,
  type ProxyProcess,
  type RawPool,
  submit,
} from '@mining-proxy/e2e-support';
import { BillingStage } from './support/billing-stage';
import { configFile } from './support/config-file';
import { FakeClock, fakeClockMissing } from './support/fake-clock';

const TOKEN = 'the-admin-token-of-this-test';
const BEARER = { authorization: `Bearer ${TOKEN}` };

interface Statement {
  readonly closed: { readonly sha256: string; readonly rows: number } | null;
  readonly usage: { readonly accepted: string };
  readonly corrections: readonly { readonly month: string; readonly usage: { readonly accepted: string } }[];
  readonly uptime: object;
  readonly total: string;
}

/** Guards that a closed month never changes: what comes late is a line of its own in the next one. */
describeUnless(fakeClockMissing(), 'a closed month', () => {
  const stage = new BillingStage();
  let clock: FakeClock;
  let pool: RawPool;
  let proxy: ProxyProcess;

  beforeEach(async () => {
    const directory = stage.directory();
    clock = new FakeClock(directory);
    clock.set('2026-03-31T23:50:00Z');
    pool = await stage.rawPool({
      greets: (peer) => {
        playPool(peer);
        peer.socket.on('end', () => peer.end());
      },
    });
    const env = configFile(directory, {
      proxy: { pool_port: pool.port, admin_token: TOKEN },
      billing: { rates: { currency: 'EUR', per_accepted_share: '1' } },
    });
    proxy = await stage.proxy({ poolPort: pool.port, env: { ...env, ...clock.env } });
  });
  afterEach(() => stage.clear());

  it('waits for the journal, keeps its hash for good, and bills later facts in the next month', async () => {
    await mineAt('2026-03-31T23:50:00Z', 3);
    await eventually(async () => expect((await statement('2026-03')).usage.accepted).toBe('3'));
    expect(await close()).toMatchObject({
      status: 409,
      detail: expect.stringContaining('not over') as string,
    });
    clock.set('2026-04-01T00:02:00Z');
    expect(await close()).toMatchObject({
      status: 409,
      detail: expect.stringContaining('not folded through its end') as string,
    });
    await mineAt('2026-04-01T00:10:00Z', 4);
    await eventually(async () => expect(await close()).toMatchObject({ status: 200, month: '2026-03' }));
    const march = await statement('2026-03');
    expect(march).toMatchObject({ usage: { accepted: '3' }, corrections: [], total: '3.00' });
    expect(march.closed?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(march.closed?.rows).toBeGreaterThan(0);

    // The clock falls back into the month that is closed.
    await mineAt('2026-03-31T23:59:00Z', 5);
    clock.set('2026-04-01T00:20:00Z');
    await eventually(async () =>
      expect(await statement('2026-04')).toMatchObject({
        usage: { accepted: '4' },
        corrections: [{ month: '2026-03', usage: { accepted: '5' } }],
        total: '9.00',
      }),
    );
    expect(march.uptime).toMatchObject({ workers: 1 });
    expect({ ...(await statement('2026-03')), journals: [] }).toEqual({ ...march, journals: [] });
    expect(await close()).toMatchObject({ status: 200, sha256: march.closed?.sha256 });
  });

  async function mineAt(time: string, shares: number): Promise<void> {
    clock.set(time);
    const miner = await stage.miner(proxy);
    await logIn(miner, 'acme.rig1');
    for (let id = 10; id < 10 + shares; id++) miner.say(submit(id, 'acme.rig1'));
    for (let id = 10; id < 10 + shares; id++) await miner.messageWith(id);
    miner.end();
    await miner.hungUpOn();
    await proxy.atRest();
  }

  async function statement(month: string): Promise<Statement> {
    return JSON.parse((await proxy.get(`/billing/statements/acme/${month}`, BEARER)).body) as Statement;
  }

  async function close(): Promise<object> {
    const path = '/billing/periods/2026-03/close';
    const { status, body } = await httpGet({ port: proxy.httpPort, path, method: 'POST', headers: BEARER });
    return { status, ...(JSON.parse(body) as object) };
  }
});
