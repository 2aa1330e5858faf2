import {
  BUSY_MACHINE_MS,
  describeUnless,
  eventually,
  Program,
  PROXY_MAIN,
  type ProxyProcess,
  type SimulatedMiners,
  type SimulatedPool,
  until,
} from '@mining-proxy/e2e-support';
import { tallyAtRest } from '../support/agreement';
import { BillingStage } from './support/billing-stage';
import { rowsAtRest, total } from './support/ledger-rows';
import { expectLedgerBytes, expectLedgerShares } from './support/pool-account';
import { SmallDisk, mountMissing } from './support/small-disk';

const LOST = 'usage is lost: it waited for the journal, which could not be written';
const UNWRITABLE = 'the journal cannot be written';

/** Guards that a full disk stops neither miners nor counting: what cannot be written waits, and is billed. */
describeUnless(mountMissing(), 'a data directory on a disk that is full', () => {
  const stage = new BillingStage();
  let pool: SimulatedPool;
  let disk: SmallDisk;

  beforeEach(async () => {
    pool = await stage.simulatedPool({ fast: true, branches: 1 });
    disk = SmallDisk.mount(stage.directory(), 16);
    stage.removedBy(() => disk.unmount());
  });
  afterEach(() => stage.clear());

  function proxyOnDisk(): Promise<ProxyProcess> {
    return stage.proxy({ poolPort: pool.port, proxy: { data_dir: disk.directory } });
  }

  function mine(proxy: ProxyProcess, prefix: string): SimulatedMiners {
    const pace = { accounts: 2, 'rigs-per-account': 3, 'submits-per-second': 300, 'no-reconnect': true };
    return stage.simulatedMiners(proxy.minerPort, { ...pace, 'account-prefix': prefix });
  }

  async function accepts(more: number): Promise<void> {
    const { accepted } = await pool.tally();
    await until(`${more} more shares`, async () => (await pool.tally()).accepted >= accepted + more);
  }

  async function readiness(proxy: ProxyProcess): Promise<{ status: number; reasons: unknown }> {
    const { status, body } = await proxy.get('/readyz');
    return { status, reasons: (JSON.parse(body) as { reasons: unknown }).reasons };
  }

  it('lets miners come, mine and go, says so, and has everything in the ledger once there is room', async () => {
    const proxy = await proxyOnDisk();
    const early = mine(proxy, 'early');
    await accepts(100);
    disk.fill();
    await eventually(async () =>
      expect(await readiness(proxy)).toEqual({ status: 503, reasons: [UNWRITABLE] }),
    );
    const late = mine(proxy, 'late');
    await accepts(300);
    // Some leave while nothing can be written, some stay.
    await early.stop();
    await accepts(50);
    expect((await proxy.get('/healthz')).status).toBe(200);
    expect(await readiness(proxy)).toEqual({ status: 503, reasons: [UNWRITABLE] });
    expect((await proxy.metrics()).value('stratum_journal_errors_total')).toBeGreaterThan(0);
    disk.free();
    await eventually(async () => expect(await readiness(proxy)).toEqual({ status: 200, reasons: [] }));
    await accepts(50);
    const mined = await late.stop();
    expect(mined).toMatchObject({ unanswered: 0, failed_connections: 0 });
    await proxy.atRest();
    await proxy.end();
    const tally = await tallyAtRest(pool);
    const rows = await rowsAtRest({ dataDirectory: disk.directory });
    expectLedgerShares(rows, tally);
    expectLedgerBytes(rows, tally);
  });

  it('does not keep a proxy from ending in time, which says what is lost, and exits with 74', async () => {
    const proxy = await proxyOnDisk();
    const miners = mine(proxy, 'acct');
    await accepts(200);
    disk.fill();
    await until('the proxy notices', async () => (await readiness(proxy)).status === 503);
    const startedAt = performance.now();
    // What is lost must not look like success to whoever supervises it.
    expect(await proxy.terminate()).toEqual({ code: 74, signal: null });
    expect(performance.now() - startedAt).toBeLessThan(BUSY_MACHINE_MS);
    await miners.summary();
    // What waited in memory went with it, and whoever bills has to know.
    expect(proxy.logsOf(LOST)).toEqual([
      expect.objectContaining({ level: 'error', error: expect.stringContaining('ENOSPC') as string }),
    ]);
    disk.free();
    await (await proxyOnDisk()).end();
    const submits = total(await rowsAtRest({ dataDirectory: disk.directory }), 'submits');
    expect(submits).toBeGreaterThanOrEqual(200);
    expect(submits).toBeLessThanOrEqual((await pool.tally()).submits);
  });

  it('that is read-only is refused at the start, with the reason', async () => {
    disk.makeReadOnly();
    const program = Program.start(PROXY_MAIN, [], {
      POOL_HOST: '127.0.0.1',
      POOL_PORT: String(pool.port),
      BIND_PORT: '0',
      METRICS_PORT: '0',
      DATA_DIR: disk.directory,
    });
    stage.removedBy(() => program.kill());
    expect(await program.ended()).toEqual({ code: 1, signal: null });
    expect(program.stdout).toContain('data_dir cannot be used');
    expect(program.stdout).toMatch(/EROFS|read-?only|unable to open/i);
  });
});
