import {
  answer,
  logIn,
  playPool,
  type ProxyProcess,
  type RawPool,
  submit,
  until,
} from '@mining-proxy/e2e-support';
import { BillingStage } from './support/billing-stage';
import { askLedger, foldedSubmits, rowsAtRest } from './support/ledger-rows';

const CLIENTS = [
  { client_id: 'north', workers: ['north.*'], accounts: ['north'] },
  { client_id: 'south', workers: ['south.*'], accounts: ['else'] },
];

/** A proxy of several sites in front of ours has one connection, one login, and shares of all its customers. */
describe('several customers on one connection', () => {
  const stage = new BillingStage();
  afterEach(() => stage.clear());

  const open = (pool: RawPool, dataDirectory: string): Promise<ProxyProcess> =>
    stage.proxy({ poolPort: pool.port, clients: CLIENTS, proxy: { data_dir: dataDirectory } });

  it('are billed each its own shares, also when the process is killed in between', async () => {
    const dataDirectory = stage.directory();
    const pool = await stage.rawPool();
    const shares = ['north.1', 'south.1', 'hub.x', 'north.2', 'north.1', 'south.1'];
    for (const life of [1, 2]) {
      const proxy = await open(pool, dataDirectory);
      const { miner, upstream } = await stage.session(proxy, pool);
      playPool(upstream, (id, [worker]) =>
        worker === 'south.1' ? answer(id, null, [22, 'Duplicate share', null]) : answer(id, true),
      );
      await logIn(miner, 'hub.gate');
      for (const [index, worker] of shares.entries()) {
        miner.say(submit(10 + index, worker));
        await miner.messageWith(10 + index);
      }
      const page = await proxy.metrics();
      const counts = (client_id: string) =>
        ['submits', 'accepted_shares', 'rejected_shares'].map((name) =>
          page.value(`stratum_${name}_total`, { client_id }),
        );
      expect([counts('north'), counts('south'), counts('hub')]).toEqual([
        [3, 3, 0],
        [2, 0, 2],
        [1, 1, 0],
      ]);
      expect(page.value('stratum_foreign_accounts_total', { client_id: 'south' })).toBe(2);
      expect(page.value('stratum_foreign_accounts_total', { client_id: 'north' })).toBe(0);
      expect(page.value('stratum_share_equation_difference')).toBe(0);
      if (life === 1) await proxy.program.kill();
      else {
        await until('all is folded', async () => (await foldedSubmits(proxy)) === 2 * shares.length);
        await proxy.end();
      }
    }

    const rows = await rowsAtRest({ dataDirectory });
    const told = rows.map(({ client_id, worker, submits, accepted, foreign_accounts }) =>
      [client_id, worker, submits, accepted, foreign_accounts].join(' '),
    );
    expect(told.sort()).toEqual([
      'hub hub.gate 0 0 0',
      'hub hub.x 2 2 0',
      'north north.1 4 4 0',
      'north north.2 2 2 0',
      'south south.1 4 0 4',
    ]);
    const month = new Date().toISOString().slice(0, 7);
    expect(JSON.parse(await askLedger({ dataDirectory }, 'verify', month))).toMatchObject({
      difference_count: 0,
    });
  });
});
