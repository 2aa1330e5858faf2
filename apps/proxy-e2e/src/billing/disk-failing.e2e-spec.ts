import { describeUnless, eventually, type ProxyProcess, until } from '@mining-proxy/e2e-support';
import { tallyAtRest } from '../support/agreement';
import { BillingStage } from './support/billing-stage';
import { FailingDisk, failingDiskMissing } from './support/failing-disk';
import { rowsAtRest, total, usageRows } from './support/ledger-rows';

/** Guards that a disk which turns read-only under the proxy costs no miner, and no share that was written before. */
describeUnless(failingDiskMissing(), 'a data directory on a disk that fails', () => {
  const stage = new BillingStage();
  afterEach(() => stage.clear());

  it('turns read-only: miners go on, the proxy says so, ends with 74, and bills what was written', async () => {
    const pool = await stage.simulatedPool({ fast: true, branches: 1 });
    const disk = FailingDisk.mount(stage.directory());
    stage.removedBy(() => disk.remove());
    const start = (): Promise<ProxyProcess> =>
      stage.proxy({ poolPort: pool.port, proxy: { data_dir: disk.directory } });
    const accepts = async (more: number): Promise<number> => {
      const { accepted } = await pool.tally();
      return until(`${more} more shares`, async () => {
        const now = (await pool.tally()).accepted;
        return now >= accepted + more && now;
      });
    };
    const proxy = await start();
    const pace = { accounts: 2, 'rigs-per-account': 3, 'submits-per-second': 300, 'no-reconnect': true };
    const miners = stage.simulatedMiners(proxy.minerPort, pace);
    const before = await accepts(200);
    // What was accepted by then is in the journal, and after a second more on the disk.
    await eventually(async () =>
      expect(total(await usageRows(proxy, 'group_by='), 'accepted')).toBeGreaterThanOrEqual(before),
    );
    disk.turnReadOnly();
    await until('the proxy notices', async () => (await proxy.get('/readyz')).status === 503);
    await accepts(200);
    expect(await proxy.json('/readyz')).toMatchObject({
      ready: false,
      reasons: ['the journal cannot be written'],
    });
    expect((await proxy.get('/healthz')).status).toBe(200);
    expect(await proxy.terminate()).toEqual({ code: 74, signal: null });
    await miners.summary();
    expect(proxy.logsOf('usage is lost: it waited for the journal, which could not be written')).toEqual([
      expect.objectContaining({ error: expect.stringContaining('EROFS') as string }),
    ]);
    disk.mend();
    await (await start()).end();
    const rows = await rowsAtRest({ dataDirectory: disk.directory });
    expect(total(rows, 'accepted')).toBeGreaterThanOrEqual(before);
    expect(total(rows, 'submits')).toBeLessThanOrEqual((await tallyAtRest(pool)).submits);
  }, 60_000);
});
