import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  describeUnless,
  eventually,
  freePort,
  say,
  until,
  type ProxyProcess,
  type SimulatedMiners,
  type SimulatedPool,
} from '@mining-proxy/e2e-support';
import { BillingStage } from './support/billing-stage';
import { BillingSystem, sumsByKey } from './support/billing-system';
import { FakeClock, fakeClockMissing } from './support/fake-clock';
import { usageRows } from './support/ledger-rows';

const MINERS = { accounts: 3, 'rigs-per-account': 4, fast: true, 'reconnect-delay-ms': 20 } as const;
const TOKEN = 'token-of-the-billing-system';
const FINISHED = 'to=2026-03-10T15:00:00Z';

describeUnless(fakeClockMissing(), 'usage for billing systems', () => {
  const stage = new BillingStage();
  let clock: FakeClock;
  let system: BillingSystem;
  let pool: SimulatedPool;
  let miners: SimulatedMiners;
  let minerPort: number;
  let dataDirectory: string;
  let tokenFile: string;

  beforeEach(async () => {
    dataDirectory = stage.directory();
    clock = new FakeClock(stage.directory());
    clock.set('2026-03-10T12:40:00Z');
    tokenFile = join(stage.directory(), 'token');
    writeFileSync(tokenFile, `${TOKEN}\n`);
    system = await BillingSystem.listen();
    stage.removedBy(() => system.close());
    pool = await stage.simulatedPool({ fast: true, branches: 1 });
    minerPort = await freePort();
    miners = stage.simulatedMiners(minerPort, MINERS);
  });
  afterEach(() => stage.clear());

  function start(): Promise<ProxyProcess> {
    return stage.proxy({
      poolPort: pool.port,
      proxy: { data_dir: dataDirectory, bind_port: minerPort, usage_interval_ms: 200 },
      billing: { export: { url: system.url, token_file: tokenFile, batch_size: 3, interval_ms: 50 } },
      env: clock.env,
    });
  }

  /** Has shares accepted in the hour that the clock shows. */
  async function mine(): Promise<void> {
    const { accepted } = await miners.tally();
    await until('shares are accepted', async () => (await miners.tally()).accepted > accepted + 50);
  }

  /** Scraped, so that what the miners do is folded without a pause. */
  async function whileScraped<T>(proxy: ProxyProcess, what: string, isSo: () => T | undefined): Promise<T> {
    return until(what, async () => {
      await proxy.metrics();
      return isSo();
    });
  }

  /** The miners go, all that is finished is sent, and adds up to the ledger. */
  async function expectAllSent(proxy: ProxyProcess): Promise<void> {
    clock.set('2026-03-10T15:06:00Z');
    await mine();
    await miners.stop();
    await proxy.atRest();
    await eventually(async () => {
      expect((await proxy.metrics()).value('stratum_export_lag_seconds')).toBe(0);
      const ledger = sumsByKey(await usageRows(proxy, `group_by=client,worker,pool,hour&${FINISHED}`));
      expect(Object.keys(ledger).length).toBeGreaterThan(12);
      expect(sumsByKey(system.events.map(({ data }) => data))).toEqual(ledger);
    });
    expect(system.contradictions).toEqual([]);
  }

  it('adds up to the ledger in a system that knows repeated events, however often the proxy is killed while it sends', async () => {
    let proxy = await start();
    await mine();
    const kills = 6;
    for (let kill = 1; kill <= kills; kill += 1) {
      // Of each life another request is the one that was taken and not confirmed.
      let left = 1 + (kill % 3);
      system.receive = () => {
        left -= 1;
        return left > 0 ? (left % 2 === 0 ? 503 : 204) : 'hold';
      };
      clock.set(kill <= kills / 2 ? '2026-03-10T13:06:00Z' : '2026-03-10T14:06:00Z');
      await mine();
      await whileScraped(proxy, 'a request is held', () => system.held > 0 || undefined);
      await proxy.program.kill();
      proxy = await start();
    }
    system.receive = () => 204;
    await expectAllSent(proxy);
    expect(system.repeated).toBeGreaterThanOrEqual(kills);
    expect(system.requests.every(({ events }) => events <= 3)).toBe(true);
    expect(new Set(system.requests.map(({ contentType }) => contentType))).toEqual(
      new Set(['application/cloudevents-batch+json']),
    );
    say(
      `export: ${kills} kills while sending; ${system.events.length} events, ${system.repeated} came again, ` +
        `none with other bytes; the sums are the ledger's`,
    );
  }, 120_000);

  it('waits for a receiver that refuses it, says so without the token, and sends all when that is mended', async () => {
    const NEW_TOKEN = 'another-token-of-the-billing-system';
    system.receive = (authorization) => (authorization === `Bearer ${NEW_TOKEN}` ? 204 : 401);
    const proxy = await start();
    await mine();
    clock.set('2026-03-10T13:06:00Z');
    await mine();
    const refused = await whileScraped(
      proxy,
      'the refusal is logged',
      () => proxy.logsOf('the receiver refuses usage: nothing is sent until this is mended')[0],
    );
    expect(refused).toMatchObject({ level: 'error', error: 'the receiver answers 401' });
    expect((await proxy.metrics()).value('stratum_export_lag_seconds')).toBeGreaterThan(300);
    expect(await proxy.json('/readyz')).toMatchObject({
      ready: true,
      warnings: ['usage cannot be sent to the billing system: see the log'],
    });
    writeFileSync(tokenFile, NEW_TOKEN);
    expect(await proxy.reload()).toMatchObject({ changes: ['billing.export.token'] });
    await expectAllSent(proxy);
    expect(await proxy.json('/readyz')).toMatchObject({ warnings: [] });
    for (const token of [TOKEN, NEW_TOKEN]) expect(proxy.output).not.toContain(token);
  }, 60_000);

  it('ends in order while the receiver holds a request, and sends that again at the next start', async () => {
    system.receive = () => 'hold';
    const proxy = await start();
    await mine();
    clock.set('2026-03-10T13:06:00Z');
    await mine();
    await whileScraped(proxy, 'a request is held', () => system.held > 0 || undefined);
    const stoppedAt = performance.now();
    await proxy.end();
    expect(performance.now() - stoppedAt).toBeLessThan(8_000);
    system.receive = () => 204;
    await expectAllSent(await start());
    expect(system.repeated).toBeGreaterThan(0);
  }, 60_000);
});
