import { readFileSync, readdirSync } from 'node:fs';
import { until } from '../support/wait';
import { BillingStage } from './support/billing-stage';

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
});
