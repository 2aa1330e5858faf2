import { readFileSync, readdirSync } from 'node:fs';
import { say, until } from '@mining-proxy/e2e-support';
import { tallyAtRest } from '../support/agreement';
import { BillingStage } from './support/billing-stage';
import { foldedSubmits, rowsAtRest, total } from './support/ledger-rows';

/** Nice value of every thread of a process, the first one first. */
function niceness(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`)
    .map(Number)
    .sort((one, other) => one - other)
    .map((thread) => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
      // The name stands in parentheses and may hold anything; the nice value is the 17th field after it.
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
    });
}

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('the thread of the ledger', () => {
  const stage = new BillingStage();
  afterEach(() => stage.clear());

  it('steps back behind the relay, and no other thread does', async () => {
    const proxy = await stage.proxy({ poolPort: 1, proxy: { data_dir: stage.directory() } });
    const [own] = niceness(process.pid);

    const [relay, ...others] = await until('a thread that stepped back', () => {
      const threads = niceness(proxy.program.pid);
      return threads.some((nice) => nice !== own) && threads;
    });

    expect(relay).toBe(own);
    expect(others.filter((nice) => nice !== own)).toEqual([10 + (own ?? 0)]);
  });

  /**
   * Guards against a process that ends while the thread is inside of its database's library, which then aborts it. It
   * happens to those that are told to stop while they catch up.
   */
  it('ends in order however far it is from the end of the journal', async () => {
    const dataDirectory = stage.directory();
    const pool = await stage.simulatedPool({ fast: true, branches: 1 });
    const proxy = {
      data_dir: dataDirectory,
      max_connections: 500,
      drain_timeout_ms: 200,
      close_grace_ms: 100,
    };
    const options = { poolPort: pool.port, proxy };
    const nowhere = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' };
    const first = await stage.proxy({ ...options, env: nowhere });
    // Many workers, so that each batch of the fold has many rows to write.
    const workers = { accounts: 40, 'rigs-per-account': 10, 'workers-per-connection': 10 };
    const load = { ...workers, fast: true, shares: 100_000, 'no-reconnect': true };
    await stage.simulatedMiners(first.minerPort, load).summary();
    await first.end();

    let unfolded = 0;
    for (let behind = true; behind && unfolded < 5; unfolded += behind ? 1 : 0) {
      const next = await stage.proxy(options);
      await next.end();
      behind = next.program.stdout.includes('the ledger is behind');
    }
    say(`told to stop while it caught up: ${unfolded} times`);
    expect(unfolded).toBeGreaterThan(0);
    const last = await stage.proxy(options);
    const { submits } = await tallyAtRest(pool);
    await until('all is folded', async () => (await foldedSubmits(last)) >= submits, 60_000);
    await last.end();
    expect(total(await rowsAtRest({ dataDirectory }), 'submits')).toBe(submits);
  }, 180_000);
});
