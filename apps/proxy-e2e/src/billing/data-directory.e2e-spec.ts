import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  eventually,
  Program,
  PROXY_MAIN,
  type ProxyProcess,
  type SimulatedPool,
} from '@mining-proxy/e2e-support';
import { tallyAtRest } from '../support/agreement';
import { BillingStage } from './support/billing-stage';
import { rowsAtRest, total } from './support/ledger-rows';
import { expectLedgerBytes, expectLedgerShares } from './support/pool-account';

const MINERS = { accounts: 2, 'rigs-per-account': 2, fast: true, 'no-reconnect': true } as const;

/** Guards the directory that bills are made of: against a second owner, a new name, and backups of any age. */
describe('a data directory', () => {
  const stage = new BillingStage();
  let pool: SimulatedPool;
  let dataDirectory: string;

  beforeEach(async () => {
    pool = await stage.simulatedPool({ fast: true, branches: 1 });
    dataDirectory = stage.directory();
  });
  afterEach(() => stage.clear());

  function proxyOn(directory: string, settings: object = {}): Promise<ProxyProcess> {
    return stage.proxy({ poolPort: pool.port, proxy: { data_dir: directory, ...settings } });
  }

  /** One orderly life of a proxy in which so many shares are mined. */
  async function live(shares: number, settings: object = {}): Promise<void> {
    const proxy = await proxyOn(dataDirectory, settings);
    await stage.simulatedMiners(proxy.minerPort, { ...MINERS, shares }).summary();
    await proxy.atRest();
    await proxy.end();
  }

  async function expectLedgerIsThePools(): Promise<void> {
    const tally = await tallyAtRest(pool);
    const rows = await rowsAtRest({ dataDirectory });
    expectLedgerShares(rows, tally);
    expectLedgerBytes(rows, tally);
  }

  it('has one owner: a second process ends with 64 and says why, and the first does not notice', async () => {
    const first = await proxyOn(dataDirectory);
    const fleet = stage.simulatedMiners(first.minerPort, {
      ...MINERS,
      fast: false,
      'submits-per-second': 300,
    });
    await first.logged('session opened');
    const second = Program.start(PROXY_MAIN, [], {
      POOL_HOST: '127.0.0.1',
      POOL_PORT: String(pool.port),
      BIND_PORT: '0',
      METRICS_PORT: '0',
      DATA_DIR: dataDirectory,
    });
    stage.removedBy(() => second.kill());
    expect(await second.ended()).toEqual({ code: 64, signal: null });
    expect(second.stdout).toContain('data_dir cannot be used');
    expect(second.stdout).toContain(dataDirectory);
    const heard = (await fleet.tally()).accepted;
    await eventually(async () => expect((await fleet.tally()).accepted).toBeGreaterThan(heard + 50));
    await fleet.stop();
    await first.atRest();
    await first.end();
    await expectLedgerIsThePools();
  });

  it('is free for the next process the moment its owner is killed', async () => {
    const first = await proxyOn(dataDirectory);
    await first.program.kill();
    const second = await proxyOn(dataDirectory);
    expect(await second.json('/readyz')).toMatchObject({ ready: true });
    expect(second.logsOf('start failed: data_dir cannot be used')).toEqual([]);
  });

  it('that is a file, or lies below one, is a mistake of the configuration: 64, and the reason', async () => {
    const file = join(dataDirectory, 'file');
    writeFileSync(file, '');
    for (const directory of [file, join(file, 'below')]) {
      const program = Program.start(PROXY_MAIN, [], {
        POOL_HOST: '127.0.0.1',
        POOL_PORT: String(pool.port),
        BIND_PORT: '0',
        METRICS_PORT: '0',
        DATA_DIR: directory,
      });
      stage.removedBy(() => program.kill());
      expect(await program.ended()).toEqual({ code: 64, signal: null });
      expect(program.stdout).toContain('data_dir cannot be used');
      expect(program.stdout).toContain(file);
    }
  });

  it('may have any name', async () => {
    dataDirectory = join(dataDirectory, 'mit Leer- & Ümläuten 💥 #1?x=%20');
    await live(150);
    expect(total(await rowsAtRest({ dataDirectory }), 'accepted')).toBe((await tallyAtRest(pool)).accepted);
  });

  it('stays exact under another instance_id', async () => {
    await live(150, { instance_id: 'old-name' });
    await live(250, { instance_id: 'new-name' });
    await expectLedgerIsThePools();
  });

  it('stays exact when the database is restored from a backup, or lost', async () => {
    await live(100);
    const backup = stage.directory();
    cpSync(join(dataDirectory, 'ledger.db'), join(backup, 'ledger.db'));
    await live(200);
    removeLedger();
    cpSync(join(backup, 'ledger.db'), join(dataDirectory, 'ledger.db'));
    await live(300);
    await expectLedgerIsThePools();
    removeLedger();
    await live(50);
    await expectLedgerIsThePools();
  });

  it('tells of damaged records once, in the life that comes upon them, and bills all the others', async () => {
    await live(100);
    const sound = await rowsAtRest({ dataDirectory });
    damageRecords('{"kind":"open"', '{"share":');
    removeLedger();
    const met = await proxyOn(dataDirectory);
    await met.counts('stratum_journal_bad_records_total', { reason: 'damaged' }, 2);
    await met.counts('stratum_journal_bad_records_total', { reason: 'orphan' }, 1);
    await met.end();
    const rows = await rowsAtRest({ dataDirectory });
    expect(total(rows, 'accepted')).toBe(total(sound, 'accepted') - 1);

    const next = await proxyOn(dataDirectory);
    await eventually(async () =>
      expect(await next.json('/readyz')).toMatchObject({
        warnings: ['2 records of the journal could not be read'],
      }),
    );
    expect((await next.metrics()).by('stratum_journal_bad_records_total', 'reason')).toEqual({});
  });

  it('is refused loudly where the journal is the older one, and nothing of it is counted twice', async () => {
    await live(100);
    const backup = stage.directory();
    cpSync(join(dataDirectory, 'journal'), backup, { recursive: true });
    await live(70);
    const before = await rowsAtRest({ dataDirectory });
    rmSync(join(dataDirectory, 'journal'), { recursive: true });
    cpSync(backup, join(dataDirectory, 'journal'), { recursive: true });
    // It writes on, and past the place up to which the ledger knows the other one.
    const proxy = await proxyOn(dataDirectory);
    await stage.simulatedMiners(proxy.minerPort, { ...MINERS, shares: 400 }).summary();
    await eventually(async () =>
      expect(await proxy.json('/readyz')).toEqual({
        ready: true,
        reasons: [],
        warnings: ['the ledger refuses the journal until somebody looks: see the log'],
      }),
    );
    await proxy.end();
    const rows = await rowsAtRest({ dataDirectory });
    expect(rows).toEqual(before);
    expect(total(rows, 'submits')).toBe(170);
  });

  /** Changes a letter in the first record that begins so, for each beginning. */
  function damageRecords(...beginnings: readonly string[]): void {
    const [segment = ''] = readdirSync(join(dataDirectory, 'journal')).filter((name) =>
      name.endsWith('.jsonl'),
    );
    const file = join(dataDirectory, 'journal', segment);
    const lines = readFileSync(file, 'utf8').split('\n');
    for (const beginning of beginnings) {
      const at = lines.findIndex((line) => line.startsWith(beginning));
      lines[at] = lines[at]!.replace('"at"', '"az"');
    }
    writeFileSync(file, lines.join('\n'));
  }

  function removeLedger(): void {
    for (const end of ['', '-wal', '-shm']) rmSync(join(dataDirectory, `ledger.db${end}`), { force: true });
  }
});
