import { addressOf, BITCOIN_ADDRESSES } from '@mining-proxy/coinbase';
import { until, type ProxyProcess } from '@mining-proxy/e2e-support';
import { BillingStage } from './billing/support/billing-stage';

/** Easier than the shares are: each of them is a block. */
const EASY = { difficulty: 1e-8, 'network-bits': '207fffff' };
/** Whom the simulated pool's jobs pay. */
const PAID = addressOf(Buffer.from(`76a914${'5a'.repeat(16)}0000000088ac`, 'hex'), BITCOIN_ADDRESSES)!;
const OTHER = 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4';
const FIRST_HEIGHT = 840_000;
const ACCEPTED = 'stratum_accepted_shares_total';

interface Block {
  readonly hash: string;
  readonly height: number;
  readonly client_id: string;
  readonly worker: string;
  readonly outcome: string;
}

/** Guards that a block is seen by whoever runs the proxy, and whom it would have paid. */
describe('blocks', () => {
  const stage = new BillingStage();
  afterEach(() => stage.clear());

  async function blocksOf(proxy: ProxyProcess, query = ''): Promise<readonly Block[]> {
    const { body } = await proxy.get(`/blocks?limit=1000${query}`);
    return (JSON.parse(body) as { blocks: Block[] }).blocks;
  }

  it('are counted, logged and listed with height, hash and worker, also after a kill -9', async () => {
    const pool = await stage.simulatedPool(EASY);
    const data = { data_dir: stage.directory() };
    const proxy = await stage.proxy({
      poolPort: pool.port,
      proxy: data,
      audit: { submits_per_second: 1_000 },
    });
    await stage
      .simulatedMiners(proxy.minerPort, { accounts: 2, 'submits-per-second': 40, shares: 30 })
      .summary();
    const { accepted } = await pool.tally();
    await proxy.counts('stratum_block_candidates_total', {}, accepted);
    await until('all are listed', async () => (await blocksOf(proxy)).length === accepted);
    const listed = await blocksOf(proxy);
    expect(new Set(listed.map(({ hash }) => hash)).size).toBe(accepted);
    for (const block of listed) {
      expect(block.hash).toMatch(/^[0-7][\da-f]{63}$/);
      expect(block).toMatchObject({ height: FIRST_HEIGHT, outcome: 'accepted' });
      expect(block.worker).toMatch(/^acct[12]\.rig1$/);
      expect(block.client_id).toBe(block.worker.split('.')[0]);
    }
    const logged = proxy.logsOf("a share meets the network's target: a block candidate");
    expect(logged.map(({ hash }) => hash).sort()).toEqual(listed.map(({ hash }) => hash).sort());
    const own = await blocksOf(proxy, '&client_id=acct1');
    expect(own).toEqual(listed.filter(({ client_id }) => client_id === 'acct1'));

    await proxy.program.kill();
    const next = await stage.proxy({ poolPort: pool.port, proxy: data });
    expect(await blocksOf(next)).toEqual(listed);
  }, 60_000);

  it('of a network that is as hard as ever are none', async () => {
    const pool = await stage.simulatedPool({ difficulty: 1e-8 });
    const proxy = await stage.proxy({ poolPort: pool.port });
    await stage.simulatedMiners(proxy.minerPort, { 'submits-per-second': 40, shares: 20 }).summary();
    await proxy.counts(ACCEPTED, {}, (await pool.tally()).accepted);
    expect((await proxy.metrics()).value('stratum_block_candidates_total', {})).toBe(0);
    expect(await blocksOf(proxy)).toEqual([]);
  }, 60_000);

  it('would pay whom the jobs say: a client who should be paid and is not is told', async () => {
    const pool = await stage.simulatedPool({ difficulty: 1e-8 });
    const proxy = await stage.proxy({
      poolPort: pool.port,
      clients: [
        { client_id: 'robbed', workers: ['acct1.*'], payout_addresses: [OTHER] },
        { client_id: 'paid', workers: ['acct2.*'], payout_addresses: [OTHER, PAID] },
      ],
    });
    const miners = stage.simulatedMiners(proxy.minerPort, { accounts: 3, 'submits-per-second': 20 });
    await proxy.counts('stratum_foreign_payouts_total', { client_id: 'robbed' }, 1);
    await pool.command('new_job');
    await proxy.counts('stratum_foreign_payouts_total', { client_id: 'robbed' }, 2);
    const page = await proxy.metrics();
    expect(page.value('stratum_foreign_payouts_total', { client_id: 'paid' })).toBe(0);
    expect(page.value('stratum_unread_coinbases_total', {})).toBe(0);
    const { body } = await proxy.get('/sessions');
    const { sessions } = JSON.parse(body) as {
      sessions: { client_id: string; payouts: Record<string, unknown> }[];
    };
    const payouts = Object.fromEntries(sessions.map(({ client_id, payouts: paid }) => [client_id, paid]));
    const outputs = [{ address: PAID, script: expect.any(String) as string, value: '312500000' }];
    expect(payouts).toEqual({
      robbed: { height: FIRST_HEIGHT, outputs, more: 0, pays_client: false },
      paid: { height: FIRST_HEIGHT, outputs, more: 0, pays_client: true },
      acct3: { height: FIRST_HEIGHT, outputs, more: 0, pays_client: null },
    });
    const [line] = proxy.logsOf("a job would pay none of the client's payout_addresses");
    expect(line).toMatchObject({ level: 'warn', clientId: 'robbed', height: FIRST_HEIGHT, pays: [PAID] });
    await miners.stop();
  }, 60_000);
});
