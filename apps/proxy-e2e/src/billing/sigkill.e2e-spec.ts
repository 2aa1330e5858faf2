import { setTimeout as pause } from 'node:timers/promises';
import {
  Dice,
  freePort,
  Program,
  PROXY_MAIN,
  say,
  type SimulatedMiners,
  type SimulatedPool,
  type SimulatorTally,
  until,
} from '@mining-proxy/e2e-support';
import { BillingStage } from './support/billing-stage';
import { countsOfRun, sharesOf, type RunCounts } from './support/counts-of-run';
import { askLedger, foldedSubmits, rowsAtRest, total } from './support/ledger-rows';

/** More of them make a soak of it; a seed that failed is thrown again. */
const KILLS = Number(process.env.BILLING_KILLS ?? 30);
const SEED = Number(process.env.BILLING_SEED ?? Date.now() % 1_000_000);
const MINERS = {
  accounts: 4,
  'rigs-per-account': 4,
  fast: true,
  'duplicate-rate': 0.05,
  window: 1,
  'reconnect-delay-ms': 20,
} as const;

/**
 * Every share answered before the turn of the event loop in which the process died is in the ledger exactly once,
 * and none that the pool did not answer.
 *
 * Miners that wait for each answer before their next submit make that sharp: the turn that reads a submit comes
 * after the one that read the answer before it, so of each worker the ledger may lack the last answer and no
 * other. Each run has workers of its own, so that the ledger, read once after all runs, still tells them apart.
 */
describe('SIGKILL at random moments under load', () => {
  const stage = new BillingStage();
  afterEach(() => stage.clear());

  it(
    'leaves each worker at most its last answer short in the ledger, and none too many, however often it comes',
    async () => {
      const dice = new Dice(SEED);
      const dataDirectory = stage.directory();
      const pool = await stage.simulatedPool({ fast: true, branches: 1 });
      const mined: Promise<SimulatorTally>[] = [];
      const startedAt = performance.now();
      let atStart = 0;
      for (let run = 1; run <= KILLS; run++) {
        if (dice.next() < 0.2) {
          await killAtStart(pool, dataDirectory, dice.between(20, 900));
          atStart += 1;
        }
        // The journal is folded once a second: some lives are to end about then.
        const afterMs = dice.next() < 0.3 ? dice.between(900, 1_400) : dice.between(0, 700);
        mined.push((await killUnderLoad(run, pool, dataDirectory, afterMs)).stop());
      }
      const seconds = (performance.now() - startedAt) / 1000;

      const last = await stage.proxy({ poolPort: pool.port, proxy: { data_dir: dataDirectory } });
      const summaries = await Promise.all(mined);
      const tally = await pool.tally();
      // What a busy machine has not folded at the end waits for the next start, and there is none.
      const least = tally.accepted + tally.rejected - 16 * KILLS;
      await until('the fold gets to the last run', async () => (await foldedSubmits(last)) >= least, 60_000);
      await last.counts('stratum_ledger_lag_seconds', {}, 0);
      expect(await last.json('/readyz')).toEqual({ ready: true, reasons: [], warnings: [] });
      await last.end();

      const rows = await rowsAtRest({ dataDirectory });
      const runs = summaries.map((miners, index) => countsOfRun(prefixOf(index + 1), rows, miners, tally));
      report(runs, `${KILLS} kills under load and ${atStart} at start in ${seconds.toFixed(0)} s`);
      expect(runs.flatMap(({ breaches }) => breaches)).toEqual([]);
      // Each run mined, and nobody is in the ledger who did not.
      expect(runs.filter(({ pool: answered }) => answered === 0)).toEqual([]);
      expect(total(rows, 'submits')).toBe(runs.reduce((sum, { ledger }) => sum + ledger, 0));
      // Each accepted share is one hash.
      expect(total(rows, 'accepted_hashes')).toBe(total(rows, 'accepted'));
      expect(total(rows, 'bytes_sent')).toBeLessThanOrEqual(tally.bytes_received);
      const month = new Date().toISOString().slice(0, 7);
      expect(JSON.parse(await askLedger({ dataDirectory }, 'verify', month))).toMatchObject({
        difference_count: 0,
      });
    },
    60_000 + KILLS * 10_000,
  );

  /** One life of the proxy under load. Resolves with its miners when it is over. */
  async function killUnderLoad(
    run: number,
    pool: SimulatedPool,
    dataDirectory: string,
    afterMs: number,
  ): Promise<SimulatedMiners> {
    const port = await freePort();
    const miners = stage.simulatedMiners(port, { ...MINERS, 'account-prefix': prefixOf(run) });
    const proxy = await stage.proxy({
      poolPort: pool.port,
      proxy: { data_dir: dataDirectory, bind_port: port },
    });
    await until('the miners have work accepted', async () => (await miners.tally()).accepted > 0);
    // The moment is the test: any may be the one that loses something.
    await pause(afterMs);
    await proxy.program.kill();
    return miners;
  }

  /** A process that dies before or while it says that it is ready, its directory made or half made. */
  async function killAtStart(pool: SimulatedPool, dataDirectory: string, afterMs: number): Promise<void> {
    const program = Program.start(PROXY_MAIN, [], {
      POOL_HOST: '127.0.0.1',
      POOL_PORT: String(pool.port),
      BIND_PORT: '0',
      METRICS_PORT: '0',
      DATA_DIR: dataDirectory,
    });
    await pause(afterMs);
    await program.kill();
  }
});

function prefixOf(run: number): string {
  return `run${run}x`;
}

function report(runs: readonly RunCounts[], what: string): void {
  const sum = (count: (run: RunCounts) => number) => runs.reduce((all, run) => all + count(run), 0);
  const most = (count: (run: RunCounts) => number) => Math.max(...runs.map(count));
  const behindPool = (run: RunCounts) => run.pool - run.ledger;
  const behindMiners = (run: RunCounts) => run.miners - run.ledger;
  for (const [index, run] of runs.entries()) {
    say(
      `kill ${index + 1}: answered by the pool ${run.pool}, heard by the miners ${run.miners}, in the ledger ` +
        `${run.ledger}: ${behindPool(run)} short of the pool, ${behindMiners(run)} short of the miners`,
    );
  }
  say(
    `SIGKILL (BILLING_SEED=${SEED}): ${what}, ${sum(sharesOf)} shares answered; in the ledger all but ` +
      `${sum(behindPool)} (at most ${most(behindPool)} a kill, 16 allowed); short of what miners heard: at most ` +
      `${most(behindMiners)} a kill, ${sum((run) => Math.max(0, behindMiners(run)))} in all`,
  );
}
