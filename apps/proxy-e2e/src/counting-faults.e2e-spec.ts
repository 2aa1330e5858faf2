import { Stage } from '@mining-proxy/e2e-support';
import { expectShares, tallyAtRest } from './support/agreement';
import { FAST_MINERS, MINERS, mineAndCompare, openPool, type CountingCase } from './support/counting-case';

const CASES: readonly CountingCase[] = [
  {
    name: 'faulty miners',
    pool: { difficulty: 1e-8 },
    miners: {
      ...FAST_MINERS,
      'stale-count': 12,
      'duplicate-count': 11,
      'low-difficulty-count': 10,
      'bad-nonce-count': 9,
      'unauthorized-count': 8,
    },
    tests: ({ rejected_by }) =>
      expect(rejected_by).toEqual({
        stale: 12,
        duplicate: 11,
        low_difficulty: 10,
        invalid: 9,
        unauthorized: 8,
      }),
  },
  {
    name: 'a pool that leaves submits unanswered',
    pool: { fast: true, 'unanswered-rate': 0.2 },
    miners: { ...FAST_MINERS, 'settle-ms': 200 },
    tests: ({ unanswered }) => expect(unanswered).toBeGreaterThan(50),
  },
  {
    name: 'a pool that answers garbage',
    pool: { fast: true, 'garbage-answer-rate': 0.2 },
    miners: { ...FAST_MINERS, 'settle-ms': 200 },
    tests: ({ unknown }) => expect(unknown).toBeGreaterThan(10),
  },
  {
    name: 'answers that overtake each other',
    pool: { difficulty: 1e-8, 'answer-delay-ms': 1, 'answer-jitter-ms': 30 },
    miners: { ...FAST_MINERS, 'bad-nonce-rate': 0.2 },
    tests: ({ rejected }) => expect(rejected).toBeGreaterThan(50),
  },
  {
    name: 'submits that all have id 4',
    pool: { difficulty: 1e-8 },
    miners: { ...FAST_MINERS, 'submit-id': 'constant', 'low-difficulty-rate': 0.2 },
    tests: ({ rejected }) => expect(rejected).toBeGreaterThan(50),
  },
  {
    name: 'a pool whose own requests have the ids of submits',
    pool: { fast: true, 'server-requests-colliding-ids': true },
    miners: FAST_MINERS,
    tests: ({ accepted }) => expect(accepted).toBe(600),
  },
];

/**
 * Guards what is billed where pools and miners misbehave: every submit still has exactly one outcome, and it is
 * the one that the pool gave it.
 */
describe('counting, of faulty pools and miners', () => {
  const stage = new Stage();
  afterEach(() => stage.clear());

  it.each(CASES)('agrees with the pool, share by share: $name', (each) => mineAndCompare(stage, each));

  it('adds up over the sessions of a client that reconnects all the time', async () => {
    const { pool, proxy } = await openPool(stage, { difficulty: 1e-8 });
    const storm = { 'reconnect-every-ms': 150, duration: '1500ms', 'submits-per-second': 300 };
    const mined = await stage
      .simulatedMiners(proxy.minerPort, { accounts: 2, 'rigs-per-account': 3, ...storm })
      .summary();
    const page = await proxy.atRest();
    const tally = await tallyAtRest(pool);
    expect(tally.connections).toBeGreaterThan(20);
    expect(page.value('stratum_connections_total')).toBe(mined.connections);
    expectShares(page, tally);
    expect(page.value('stratum_bytes_sent_total')).toBe(tally.bytes_received);
  });

  it.each(['half-close-after', 'reset-after'])(
    'keeps the equation when miners %s 20 submits',
    async (fault) => {
      const { pool, proxy } = await openPool(stage, { difficulty: 1e-8, 'answer-delay-ms': 20 });
      const mined = await stage
        .simulatedMiners(proxy.minerPort, { ...MINERS, fast: true, [fault]: 20 })
        .summary();
      const page = await proxy.atRest();
      const tally = await tallyAtRest(pool);
      const [submits, accepted] = [
        page.value('stratum_submits_total'),
        page.value('stratum_accepted_shares_total'),
      ];
      expect(accepted).toBeLessThanOrEqual(tally.accepted);
      if (fault === 'half-close-after') {
        expect([mined.submits, submits, tally.submits, accepted]).toEqual([120, 120, 120, 120]);
        return;
      }
      // A reset travels on, and takes with it what the pool had not read yet.
      expect(submits).toBeLessThanOrEqual(mined.submits);
      expect(submits).toBeGreaterThanOrEqual(tally.submits);
      expect(page.value('stratum_unanswered_shares_total')).toBe(submits - accepted);
    },
  );
});
