import { eventually, type SimulatedPool, Stage } from '@mining-proxy/e2e-support';
import { expectAgreement, tallyAtRest } from './support/agreement';
import { FAST_MINERS, MINERS, mineAndCompare, openPool, type CountingCase } from './support/counting-case';

const CASES: readonly CountingCase[] = [
  {
    name: 'clean miners that truly hash',
    pool: { difficulty: 1e-6 },
    miners: { ...MINERS, shares: 120, fast: true },
    tests: (pool) => expect(pool).toMatchObject({ submits: 120, accepted: 120 }),
  },
  {
    name: 'clean miners at load',
    pool: { fast: true },
    miners: { ...FAST_MINERS, shares: 3_000 },
    tests: (pool) => expect(pool).toMatchObject({ submits: 3_000, accepted: 3_000 }),
  },
  {
    name: 'writes in random pieces on both sides',
    pool: { fast: true, 'write-chunking': 'split' },
    miners: { ...FAST_MINERS, 'write-chunking': 'split' },
    tests: ({ accepted }) => expect(accepted).toBe(600),
  },
  {
    name: 'writes byte by byte on both sides',
    pool: { fast: true, 'write-chunking': 'bytewise', branches: 1 },
    miners: { ...FAST_MINERS, shares: 60, 'write-chunking': 'bytewise' },
    tests: ({ accepted }) => expect(accepted).toBe(60),
  },
  {
    name: 'many lines in one write, each job 37 kB long',
    pool: { fast: true, 'write-chunking': 'merge', 'job-bytes': 37_000 },
    miners: { ...FAST_MINERS, 'write-chunking': 'merge' },
    tests: ({ accepted }) => expect(accepted).toBe(600),
  },
  {
    name: 'several workers on each connection',
    pool: { fast: true },
    miners: { ...FAST_MINERS, 'workers-per-connection': 5, 'start-together': true },
    tests: ({ by_worker }) => expect(Object.keys(by_worker)).toHaveLength(30),
  },
  {
    name: 'a difficulty that follows the miners',
    pool: {
      difficulty: 2 ** -30,
      'vardiff-shares-per-minute': 6_000,
      'vardiff-interval-ms': 50,
      'job-interval-ms': 40,
    },
    miners: { ...FAST_MINERS, 'settle-ms': 500 },
    tests: ({ accepted }) => expect(accepted).toBeGreaterThan(100),
  },
  {
    name: 'string ids, version rolling and a suggested difficulty',
    pool: { difficulty: 1e-8 },
    miners: { ...FAST_MINERS, 'submit-id': 'string', 'version-rolling': true, 'suggest-difficulty': 2e-8 },
    tests: ({ accepted }) => expect(accepted).toBeGreaterThan(500),
  },
];

/**
 * Guards what is billed: for each client, the proxy's counters against the tally of a pool that checks every
 * share itself and counts with code of its own.
 */
describe('counting', () => {
  const stage = new Stage();
  afterEach(() => stage.clear());

  it.each(CASES)('agrees with the pool, share by share: $name', (each) => mineAndCompare(stage, each));

  it('takes the difficulty in force for the job of a share, not the one announced last', async () => {
    const { pool, proxy } = await openPool(stage, { difficulty: 2 ** -32 });
    const miners = stage.simulatedMiners(proxy.minerPort, { ...MINERS, fast: true, window: 1 });
    for (const [value, accepted] of [
      [2 ** -31, 200],
      [2 ** -30, 400],
      [2 ** -32, 600],
    ] as const) {
      await untilAccepted(pool, accepted);
      await pool.command('set_difficulty', { value });
      await untilAccepted(pool, accepted + 60);
      await pool.command('new_job', { clean: accepted === 400 });
    }
    await untilAccepted(pool, 900);
    const mined = await miners.stop();
    const page = await proxy.atRest();
    const tally = await tallyAtRest(pool);
    expect(Object.keys(tally.accepted_at)).toHaveLength(3);
    expectAgreement(page, tally, mined);
  });

  it('shows the same numbers in /status as in /metrics', async () => {
    const { pool, proxy } = await openPool(stage, { difficulty: 1e-8 });
    await stage.simulatedMiners(proxy.minerPort, { ...FAST_MINERS, 'bad-nonce-count': 7 }).summary();
    const tally = await tallyAtRest(pool);
    const page = await proxy.atRest();
    const { clients, totals } = (await proxy.json('/status')) as {
      clients: Record<string, number | string>[];
      totals: Record<string, number>;
    };
    expect(totals).toMatchObject({ submits: 600, accepted: tally.accepted, rejected: 7, in_flight: 0 });
    for (const { client_id, bytes_sent, accepted_hashes } of clients) {
      const labels = { client_id: String(client_id) };
      expect(bytes_sent).toBe(page.value('stratum_bytes_sent_total', labels));
      expect(accepted_hashes).toBe(page.value('stratum_accepted_hashes_total', labels));
    }
  });
});

async function untilAccepted(pool: SimulatedPool, count: number): Promise<void> {
  await eventually(async () => expect((await pool.tally()).accepted).toBeGreaterThanOrEqual(count));
}
