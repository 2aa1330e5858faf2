import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tallyAtRest } from '../support/agreement';
import { Program, PROXY_MAIN, type ShareTally, type SimulatorTally } from '@mining-proxy/e2e-support';
import { BillingStage } from './support/billing-stage';

interface Answer {
  readonly differs: boolean;
  readonly total: Readonly<Record<string, unknown>>;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** Guards that a pool's own numbers meet the ledger's, and that a pool that keeps some for itself is named. */
describe('the reconciliation with a pool', () => {
  const stage = new BillingStage();
  /** Where it is about noon, so that no share lies at a day's edge. */
  const offsetHours = 12 - new Date().getUTCHours();
  const offset = `${offsetHours < 0 ? '-' : '+'}${String(Math.abs(offsetHours)).padStart(2, '0')}:00`;
  const day = new Date(Date.now() + offsetHours * 3_600_000).toISOString().slice(0, 10);
  let directory: string;
  let tally: SimulatorTally;

  beforeAll(async () => {
    directory = stage.directory();
    const pool = await stage.simulatedPool({ difficulty: 1e-6 });
    const proxy = await stage.proxy({ poolPort: pool.port, proxy: { data_dir: directory } });
    await stage
      .simulatedMiners(proxy.minerPort, {
        accounts: 2,
        'rigs-per-account': 2,
        fast: true,
        shares: 400,
        'stale-count': 7,
        'no-reconnect': true,
      })
      .summary();
    await proxy.atRest();
    tally = await tallyAtRest(pool);
    await proxy.end();
  }, 60_000);
  afterAll(() => stage.clear());

  function file(name: string, lines: readonly string[]): string {
    const path = join(directory, name);
    writeFileSync(path, `${lines.join('\r\n')}\r\n`);
    return path;
  }

  /** The pool's own tally as the table that it would give away. */
  function table(heading: string, cells: (shares: ShareTally) => string): string[] {
    const rows = Object.entries(tally.by_worker).map(
      ([worker, shares]) => `"${worker}",${day},${cells(shares)}`,
    );
    return [`Worker,Date,${heading}`, ...rows];
  }

  async function reconcile(...args: readonly string[]) {
    const program = Program.start(
      PROXY_MAIN,
      ['reconcile', ...args, '--month', day.slice(0, 7), '--utc-offset', offset],
      { POOL_HOST: '127.0.0.1', POOL_PORT: '1', DATA_DIR: directory },
    );
    const { code } = await program.ended();
    return { code, stdout: program.stdout, stderr: program.stderr };
  }

  it('finds nothing between the ledger and the tally of the pool, by shares and by difficulty', async () => {
    expect(tally.accepted).toBeGreaterThan(350);
    for (const lines of [
      table('Accepted shares', ({ accepted }) => String(accepted)),
      table('Accepted difficulty', (shares) => exactDifficulty(shares)),
    ]) {
      const found = await reconcile(file('honest.csv', lines), '--format', 'json', '--edge-hours', '0');
      expect(found).toMatchObject({ code: 0, stderr: '' });
      const answer = JSON.parse(found.stdout) as Answer;
      expect(answer).toMatchObject({ differs: false, total: { difference: '0', finding: 'equal' } });
      expect(answer.rows).toHaveLength(8);
      expect(answer.rows.every(({ finding }) => finding === 'equal')).toBe(true);
    }
  });

  it('names a pool that keeps five of a hundred shares, with each of its workers', async () => {
    const skimmed = table('Accepted shares', ({ accepted }) => String(Math.floor(accepted * 0.95)));
    const found = await reconcile(file('skimmed.csv', skimmed));
    expect(found.code).toBe(3);
    expect(found.stdout).toContain('Differs by more than is explained');
    for (const worker of Object.keys(tally.by_worker)) expect(found.stdout).toContain(worker);
    expect(found.stdout).toMatch(
      /4 workers: 0 equal, 0 explained, 4 not; 4 days of workers: 0 equal, 0 explained, 4 not/,
    );
  });

  it('takes an answer of Luxor, whose whole hashes a second explain what is missing', async () => {
    const points = ({ accepted_hashes: hashes }: ShareTally) => [
      { date_time: `${day}T00:00:00${offset}`, hashrate: String(Math.floor(hashes / 86_400)), efficiency: 1 },
    ];
    const answer = {
      tick_size: '1d',
      hashrate_efficiency_revenue: Object.fromEntries(
        Object.entries(tally.by_worker).map(([worker, shares]) => [worker, points(shares)]),
      ),
    };
    const found = await reconcile(file('luxor.json', [JSON.stringify(answer)]), '--format', 'csv');
    expect(found).toMatchObject({ code: 0, stderr: '' });
    const lines = found.stdout.trimEnd().split('\r\n').slice(1);
    expect(lines).toHaveLength(8);
    for (const line of lines) expect(line).toMatch(/,explained,[\d.]+,rounding statistics$/);
  });

  it('says on which side a worker is missing', async () => {
    const [heading = '', first = '', ...rest] = table('Accepted shares', ({ accepted }) => String(accepted));
    const stranger = `stranger.rig1,${day},12`;
    const found = await reconcile(file('others.csv', [heading, ...rest, stranger]), '--format', 'json');
    expect(found.code).toBe(3);
    const { rows } = JSON.parse(found.stdout) as Answer;
    expect(rows.filter(({ only_in }) => only_in !== null)).toEqual([
      expect.objectContaining({ name: first.split('"')[1], only_in: 'ledger', finding: 'differs' }),
      expect.objectContaining({ name: 'stranger.rig1', only_in: 'pool', finding: 'differs' }),
    ]);
  });

  it('says everything that is wrong with a file at once', async () => {
    const broken = ['worker,date,shares', `a.1,${day},abc`, `a.2,yesterday,5`, `,${day},-1`];
    expect(await reconcile(file('broken.csv', broken))).toEqual({
      code: 64,
      stdout: '',
      stderr: [
        'line 2: shares "abc" is no number',
        'line 3: day "yesterday" is no day or time as in 2026-11-01 or 2026-11-01T05:00:00Z',
        'line 4: worker is empty',
        'line 4: shares "-1" is no number',
      ]
        .map((fault) => `${join(directory, 'broken.csv')}: ${fault}\n`)
        .join(''),
    });
  });
});

function exactDifficulty({ accepted_at }: ShareTally): string {
  const units = Object.entries(accepted_at).reduce(
    (sum, [difficulty, shares]) => sum + Math.round(Number(difficulty) * 1e8) * shares,
    0,
  );
  return (units / 1e8).toFixed(8);
}
