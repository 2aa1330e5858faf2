import { eventually, type ProxyProcess, until } from '@mining-proxy/e2e-support';
import { BillingStage } from '../billing/support/billing-stage';

interface Worker {
  readonly worker: string;
  readonly state: string;
  readonly agent: string | null;
  readonly sessions: number;
  readonly accepted_24h: number;
  readonly hashrate_10m: number;
}

/** Guards the first question of an operator: which machines are down. */
describe('workers', () => {
  const stage = new BillingStage();
  afterEach(() => stage.clear());

  const workers = async (proxy: ProxyProcess): Promise<readonly Worker[]> =>
    (await proxy.json('/workers?sort=name')).workers as Worker[];

  it('are listed with what they did, and a machine that was off is on the list after a restart', async () => {
    const pool = await stage.simulatedPool({ difficulty: 1e-7 });
    const dataDirectory = stage.directory();
    const open = () =>
      stage.proxy({ poolPort: pool.port, proxy: { data_dir: dataDirectory, log_level: 'info' } });
    let proxy = await open();
    const miners = stage.simulatedMiners(proxy.minerPort, { accounts: 3, 'submits-per-second': 60 });
    await until('all mine', async () => {
      const all = await workers(proxy);
      return all.length === 3 && all.every(({ accepted_24h }) => accepted_24h >= 5);
    });
    const counts = await workers(proxy);
    expect(counts.map(({ worker, state, sessions }) => [worker, state, sessions])).toEqual([
      ['acct1.rig1', 'mining', 1],
      ['acct2.rig1', 'mining', 1],
      ['acct3.rig1', 'mining', 1],
    ]);
    expect(counts.every(({ agent, hashrate_10m }) => agent !== null && hashrate_10m > 0)).toBe(true);
    await miners.stop();
    await eventually(async () =>
      expect((await workers(proxy)).map(({ state }) => state)).toEqual(['gone', 'gone', 'gone']),
    );
    const before = (await workers(proxy)).map(({ worker, accepted_24h }) => [worker, accepted_24h]);
    const page = await proxy.metrics();
    expect(page.value('stratum_workers', { state: 'gone' })).toBe(3);
    const { code, text } = await proxy.command('workers', '--state', 'gone');
    expect([code, text.split('\n').length]).toEqual([0, 1 + 3 + 1]);
    expect(await proxy.command('workers', '--state', 'mining')).toMatchObject({
      text: 'no worker was seen lately\n',
    });
    await proxy.end();

    proxy = await open();
    await until('they are remembered', async () => (await workers(proxy)).length === 3);
    expect((await workers(proxy)).map(({ worker, accepted_24h }) => [worker, accepted_24h])).toEqual(before);
    const { points } = (await proxy.json('/history?client_id=acct1')) as {
      points: { accepted: number; workers: number }[];
    };
    expect(points.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(before[0]![1]);
    expect(points[0]!.workers).toBe(1);
  }, 60_000);

  it('are told live: a snapshot at once, and the next one two seconds later', async () => {
    const pool = await stage.rawPool();
    const proxy = await stage.proxy({ poolPort: pool.port });
    const response = await fetch(`http://127.0.0.1:${proxy.httpPort}/events`);
    const reader = response.body!.getReader();
    let text = '';
    while (text.split('\n\n').length < 3) text += Buffer.from((await reader.read()).value).toString();
    await reader.cancel();
    const [first, second] = text
      .split('\n\n')
      .map((event) => JSON.parse(event.split('data: ')[1] ?? '{}') as { at: string });
    expect(first).toMatchObject({
      role: 'admin',
      state: 'listening',
      workers: { mining: 0, silent: 0, gone: 0 },
    });
    const apartMs = Date.parse(second!.at) - Date.parse(first!.at);
    expect(apartMs).toBeGreaterThan(1_500);
  });
});
