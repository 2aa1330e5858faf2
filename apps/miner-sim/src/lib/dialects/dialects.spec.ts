import type { PoolOptions } from '../pool/pool-options';
import { FLEET_DEFAULTS, type FleetOptions } from '../miner/miner-options';
import { expectAgreement, trial, withFaults } from '../testing/trial';
import { DIALECT_NAMES, type DialectName } from './dialect-name';

/**
 * Each dialect's miners against the pool, as the Bitcoin ones in simulation.spec.ts: two tallies that share
 * no code of counting have to be equal, whatever goes wrong on the way.
 */
const EASY = 1e-8;

describe.each(DIALECT_NAMES)('%s', (dialect) => {
  const run = (
    pool: Partial<PoolOptions>,
    fleet: Partial<FleetOptions>,
    whileRunning?: Parameters<typeof trial>[2],
  ) => trial({ difficulty: EASY, dialect, ...pool }, { dialect, ...fleet }, whileRunning);

  it('agrees on true shares of several accounts', async () => {
    const result = await run(
      {},
      { accounts: 3, rigsPerAccount: 2, shares: 120, pace: { kind: 'shares', perSecond: 800 } },
    );
    expectAgreement(result);
    expect(result.pool).toMatchObject({ submits: 120, accepted: 120, authorized: 6, malformed: 0 });
    expect(result.miners).toMatchObject({ unmatched_answers: 0, malformed: 0 });
    expect(result.pool.accepted_hashes).toBe(120 * 43);
    expect(result.pool.by_dialect).toEqual({
      [dialect]: expect.objectContaining({ connections: 6, submits: 120, accepted: 120 }) as unknown,
    });
    expect(Object.keys(result.pool.by_worker ?? {})).toContain('acct3.rig2');
  });

  it('agrees on every kind of wrong share', async () => {
    const counts = { stale: 5, duplicate: 4, low_difficulty: 3, bad_nonce: 2, unauthorized: 6 };
    const result = await run({}, { shares: 50, shareFaults: { counts, rates: {} } });
    expectAgreement(result);
    expect(result.miners.faults).toEqual(counts);
    expect(result.pool.accepted).toBe(30);
    expect(result.pool.rejected_by).toEqual({
      stale: 5,
      duplicate: 4,
      low_difficulty: 3,
      invalid: 2,
      unauthorized: 6,
    });
  });

  it('agrees on shares of jobs that a clean one has made stale', async () => {
    const result = await run(
      {},
      { shares: 120, window: 2, shareFaults: { counts: {}, rates: { stale: 0.2, duplicate: 0.2 } } },
      (pool) => {
        if (pool.summary().submits % 15 === 0) pool.newJob(true);
      },
    );
    expectAgreement(result);
    const { stale = 0, duplicate = 0 } = result.pool.rejected_by;
    expect(duplicate).toBeGreaterThan(0);
    expect(stale + duplicate).toBe(result.pool.rejected);
    expect(result.pool.accepted).toBeGreaterThan(40);
  });

  it('counts a new difficulty from the next job, and a job sent again as a next one', async () => {
    const result = await run({}, { shares: 90, window: 1 }, (pool) => {
      const { submits } = pool.summary();
      if (submits === 20) pool.setDifficulty(2 * EASY);
      if (submits === 40) pool.newJob(false);
      if (submits === 60) pool.setDifficulty(4 * EASY);
      if (submits === 60) pool.resendJob();
    });
    expectAgreement(result);
    const { accepted_at, accepted_at_hashes } = result.pool;
    const at = [...Object.values(accepted_at), ...Object.values(accepted_at_hashes)];
    expect(at).toHaveLength(3);
    // A share or two may cross the new job on its way.
    expect(Math.max(...at)).toBeLessThanOrEqual(42);
    expect(Math.min(...at)).toBeGreaterThanOrEqual(16);
    expect(result.pool.rejected_by.duplicate).toBeUndefined();
  });

  it('agrees when answers are missing, unreadable, late and overtaken, and pieces of them arrive', async () => {
    const faults = { unansweredRate: 0.2, garbageAnswerRate: 0.2, answerDelayMs: 2, answerJitterMs: 10 };
    const result = await run(
      { ...withFaults(faults), chunking: 'split' },
      { shares: 100, window: 1000, settleMs: 300, chunking: 'split' },
    );
    expectAgreement(result);
    expect(result.pool.unknown).toBeGreaterThan(0);
    expect(result.pool.unanswered).toBeGreaterThan(0);
    expect(result.miners.unmatched_answers).toBe(result.pool.garbage_answers.wrong_id);
  });

  it('agrees when every submit has the same id and the pool asks with that id', async () => {
    const result = await run(withFaults({ collidingRequests: true }), { submitIds: 'constant', shares: 40 });
    expectAgreement(result);
    expect(result.pool).toMatchObject({ accepted: 40, server_requests: 40, client_answers: 40 });
    expect(result.miners.unmatched_answers).toBe(0);
  });

  it('is turned away when the pool refuses logins', async () => {
    const { pool, miners } = await run(withFaults({ refuseAuthorizeRate: 1 }), { durationMs: 80 });
    expect(pool).toMatchObject({ refused_authorizations: 1, authorized: 0, submits: 0 });
    expect(miners.refused_authorizations).toBe(1);
  });

  it('follows vardiff toward the rate asked for', async () => {
    const vardiff = { sharesPerMinute: 600, intervalMs: 100, minDifficulty: 1e-9, maxDifficulty: 1 };
    const result = await run(
      { jobIntervalMs: 40, vardiff },
      { pace: { kind: 'hashes', perSecondEach: 20_000 }, durationMs: 600 },
    );
    expectAgreement(result);
    const { accepted_at, accepted_at_hashes } = result.pool;
    const difficulties = Object.keys(accepted_at).map((at) => Number(at) * 2 ** 32);
    const hashes = [...difficulties, ...Object.keys(accepted_at_hashes).map(Number)];
    expect(Math.max(...hashes)).toBeGreaterThan(80);
  });

  it('gets what it is owed after a half-close', async () => {
    const connectionFaults = { ...FLEET_DEFAULTS.connectionFaults, halfCloseAfter: 10 };
    const result = await run(withFaults({ answerDelayMs: 10 }), { accounts: 2, connectionFaults });
    expectAgreement(result);
    expect(result.pool.accepted).toBe(20);
  });
});

describe('a pool of any dialect', () => {
  const each = (counts: object): Record<DialectName, unknown> => {
    const expected = expect.objectContaining(counts) as unknown;
    return { stratum1: expected, ethstratum1: expected, ethproxy: expected, cryptonote: expected };
  };

  it('serves a mixed fleet, each connection in what it began with', async () => {
    const result = await trial(
      { difficulty: EASY, dialect: 'any', byConnection: true },
      {
        dialect: 'mixed',
        accounts: 4,
        rigsPerAccount: 2,
        shares: 240,
        pace: { kind: 'shares', perSecond: 1000 },
        versionRolling: true,
      },
    );
    expectAgreement(result);
    expect(result.pool).toMatchObject({ submits: 240, accepted: 240, accepted_hashes: 240 * 43 });
    expect(result.pool.by_dialect).toEqual(each({ connections: 2, rejected: 0 }));
    for (const { accepted } of Object.values(result.pool.by_dialect)) expect(accepted).toBeGreaterThan(30);
    const dialects = result.pool.by_connection?.map(({ dialect }) => dialect) ?? [];
    expect(new Set(dialects)).toEqual(new Set(DIALECT_NAMES));
  });

  it('agrees with a mixed fleet on wrong shares, clean jobs and new difficulties', async () => {
    const rates = { stale: 0.08, duplicate: 0.08, low_difficulty: 0.08, bad_nonce: 0.08, unauthorized: 0.08 };
    const result = await trial(
      { difficulty: EASY, dialect: 'any' },
      { dialect: 'mixed', accounts: 8, shares: 400, window: 4, shareFaults: { counts: {}, rates } },
      (pool) => {
        const { submits } = pool.summary();
        if (submits % 50 === 0) pool.newJob();
        if (submits === 200) pool.setDifficulty(3 * EASY);
      },
    );
    expectAgreement(result);
    expect(result.pool.rejected).toBeGreaterThan(80);
    expect(result.pool.accepted).toBeGreaterThan(150);
  });

  it('leaves a connection without a dialect until it shows one', async () => {
    const connectionFaults = { ...FLEET_DEFAULTS.connectionFaults, mute: true };
    const { pool } = await trial(
      { dialect: 'any', byConnection: true },
      { connectionFaults, durationMs: 60 },
    );
    expect(pool).toMatchObject({ connections: 1, bytes_sent: 0, by_dialect: {} });
    expect(pool.by_connection?.[0]?.dialect).toBeNull();
  });

  it('speaks only its own dialect when it was given one', async () => {
    const { pool } = await trial({ dialect: 'ethproxy' }, { dialect: 'cryptonote', durationMs: 60 });
    expect(pool).toMatchObject({ authorized: 0, submits: 0 });
  });
});
