import { FLEET_DEFAULTS } from './miner/miner-options';
import { WRITE_CHUNKINGS } from './net/link';
import { FAST_POOL_DIFFICULTY, type PoolOptions } from './pool/pool-options';
import { expectAgreement, trial, withFaults as faulty } from './testing/trial';

/**
 * Miners against the pool over loopback. Both sides count on their own; whatever goes wrong on the
 * way, they have to agree to the last share and byte, or they could not convict anything between them.
 */
const FAST: Partial<PoolOptions> = { difficulty: FAST_POOL_DIFFICULTY };
const withFaults = (faults: Partial<PoolOptions['faults']>): Partial<PoolOptions> => ({
  ...FAST,
  ...faulty(faults),
});

describe('pool and miners', () => {
  it('agree on true shares of several accounts', async () => {
    const result = await trial(
      { difficulty: 1e-8, branches: 12 },
      { accounts: 3, rigsPerAccount: 2, shares: 120, pace: { kind: 'shares', perSecond: 400 } },
    );
    expectAgreement(result);
    expect(result.pool).toMatchObject({ submits: 120, accepted: 120, connections: 6, authorized: 6 });
    expect(Object.keys(result.pool.by_worker ?? {})).toContain('acct3.rig2');
  });

  it.each(WRITE_CHUNKINGS)('agree with writes cut as %s on both sides', async (chunking) => {
    const result = await trial({ ...FAST, chunking }, { accounts: 2, shares: 40, chunking });
    expectAgreement(result);
    expect(result.pool.accepted).toBe(40);
  });

  it('agree on every kind of wrong share', async () => {
    const counts = { stale: 5, duplicate: 4, low_difficulty: 3, bad_nonce: 2, unauthorized: 6 };
    const result = await trial({ difficulty: 1e-8 }, { shares: 50, shareFaults: { counts, rates: {} } });
    expectAgreement(result);
    expect(result.pool.rejected_by).toEqual({
      stale: 5,
      duplicate: 4,
      low_difficulty: 3,
      invalid: 2,
      unauthorized: 6,
    });
    expect(result.pool.accepted).toBe(30);
    expect(result.miners.faults).toEqual(counts);
    expect(result.miners.rejected_by).toMatchObject({ '22 Duplicate share': 4, '21 Job not found': 5 });
  });

  it('make wrong shares at about the rate asked for', async () => {
    const shareFaults = { counts: {}, rates: { bad_nonce: 0.25 } };
    const { pool } = await trial({ difficulty: 1e-7 }, { shares: 400, shareFaults });
    expect(pool.rejected).toBeGreaterThan(60);
    expect(pool.rejected).toBeLessThan(140);
  });

  it('agree when every submit has the same id and the pool asks with that id', async () => {
    const result = await trial(withFaults({ collidingRequests: true }), {
      submitIds: 'constant',
      accounts: 2,
      shares: 60,
    });
    expectAgreement(result);
    expect(result.pool).toMatchObject({ accepted: 60, server_requests: 60, client_answers: 60 });
    expect(result.miners).toMatchObject({ unmatched_answers: 0, server_requests: 60 });
  });

  it('agree with string ids, version rolling and several workers on a connection', async () => {
    const result = await trial(
      { difficulty: 1e-8, extranonce2Bytes: 8 },
      { submitIds: 'string', versionRolling: true, workersPerConnection: 3, shares: 90 },
    );
    expectAgreement(result);
    expect(result.pool.accepted).toBe(90);
    expect(result.pool.by_worker?.['acct1.rig1w2']?.accepted).toBe(30);
    expect(result.miners.jobs).toBe(1);
  });

  it('begin together, so that every worker of every miner has a part in the shares', async () => {
    const fleet = { accounts: 4, workersPerConnection: 3, connectRate: 40, shares: 300, startTogether: true };
    const result = await trial(FAST, fleet);
    expectAgreement(result);
    expect(Object.keys(result.pool.by_worker ?? {})).toHaveLength(12);
  });

  it('agree across clean jobs and a change of difficulty', async () => {
    const result = await trial({ difficulty: 1e-8 }, { shares: 150, window: 4 }, (pool) => {
      const { submits } = pool.summary();
      if (submits === 50) pool.setDifficulty(2e-8);
      if (submits % 20 === 0) pool.newJob();
    });
    expectAgreement(result);
    expect(Object.keys(result.pool.accepted_at).sort()).toEqual(['1e-8', '2e-8']);
    expect(result.pool.jobs).toBeGreaterThan(5);
  });

  it('let a job that is sent again freeze the new difficulty', async () => {
    const result = await trial({ difficulty: 1e-8 }, { shares: 60, window: 1 }, (pool) => {
      if (pool.summary().submits !== 30) return;
      pool.setDifficulty(2e-8);
      pool.resendJob();
    });
    expectAgreement(result);
    expect(result.pool.rejected_by.duplicate).toBeUndefined();
    expect(result.pool.accepted_at['2e-8']).toBeGreaterThan(20);
  });

  it('count unanswered and unreadable answers as what they are', async () => {
    const result = await trial(withFaults({ unansweredRate: 0.2, garbageAnswerRate: 0.3 }), {
      shares: 200,
      window: 1000,
      settleMs: 200,
    });
    expectAgreement(result);
    expect(result.pool.unanswered).toBeGreaterThan(0);
    expect(result.pool.unknown).toBe(result.pool.garbage_answers.unreadable_result);
    expect(result.miners.unmatched_answers).toBe(result.pool.garbage_answers.wrong_id);
    expect(result.miners.malformed).toBe(result.pool.garbage_answers.not_json);
  });

  it('agree when answers are late and overtake each other', async () => {
    const result = await trial(withFaults({ answerDelayMs: 5, answerJitterMs: 30 }), { shares: 100 });
    expectAgreement(result);
    expect(result.pool.accepted).toBe(100);
    expect(result.miners.latency_ms.max).toBeGreaterThanOrEqual(5);
  });

  it('leave every submit unanswered when the pool falls silent', async () => {
    const result = await trial(withFaults({ silentAfter: 10 }), { shares: 30, settleMs: 50 });
    expectAgreement(result);
    expect(result.pool).toMatchObject({ submits: 30, accepted: 10, unanswered: 20 });
  });

  it('hear nothing from a pool that only accepts', async () => {
    const result = await trial(withFaults({ silentConnect: true }), { durationMs: 50, settleMs: 0 });
    expectAgreement(result);
    expect(result.pool).toMatchObject({ connections: 1, bytes_sent: 0, submits: 0 });
  });

  it('get what they are owed when the pool closes after some shares', async () => {
    const { pool, miners } = await trial(withFaults({ closeAfter: 10, answerDelayMs: 10 }), { accounts: 2 });
    expect(pool).toMatchObject({ submits: 20, accepted: 20, failed_connections: 0 });
    expect(miners.accepted).toBe(20);
    expect(miners.submits).toBe(20 + miners.unanswered);
  });

  it('get what they are owed after a half-close', async () => {
    const connectionFaults = { ...FLEET_DEFAULTS.connectionFaults, halfCloseAfter: 10 };
    const result = await trial(withFaults({ answerDelayMs: 20 }), { accounts: 2, connectionFaults });
    expectAgreement(result);
    expect(result.pool.accepted).toBe(20);
  });

  it('end by a reset without losing count', async () => {
    const connectionFaults = { ...FLEET_DEFAULTS.connectionFaults, resetAfter: 10 };
    const { pool, miners } = await trial(FAST, { accounts: 2, connectionFaults });
    expect(miners.submits).toBe(20);
    expect(pool.submits).toBeLessThanOrEqual(20);
    expect(pool.failed_connections).toBe(2);
  });

  it('come back after a storm of reconnects', async () => {
    const connectionFaults = { ...FLEET_DEFAULTS.connectionFaults, reconnectEveryMs: 40 };
    const { pool, miners } = await trial(FAST, {
      accounts: 5,
      connectionFaults,
      pace: { kind: 'shares', perSecond: 500 },
      durationMs: 300,
    });
    expect(pool.connections).toBe(miners.connections);
    expect(pool.connections).toBeGreaterThanOrEqual(15);
    expect(pool.accepted).toBeGreaterThan(0);
  });

  it('survive a refused login', async () => {
    const { pool, miners } = await trial(withFaults({ refuseAuthorizeRate: 1 }), { durationMs: 50 });
    expect(pool).toMatchObject({ refused_authorizations: 1, authorized: 0, submits: 0 });
    expect(miners.refused_authorizations).toBe(1);
  });

  it('read slowly without costing the pool more than its bound', async () => {
    const connectionFaults = { ...FLEET_DEFAULTS.connectionFaults, slowReadBytesPerSecond: 1000 };
    const { pool } = await trial(
      { ...FAST, jobBytes: 37_000, jobIntervalMs: 1, maxBacklogBytes: 200_000 },
      { connectionFaults, pace: { kind: 'shares', perSecond: 10 } },
    );
    expect(pool.dropped_slow).toBe(1);
    expect(pool.bytes_unsent).toBeGreaterThan(0);
  });

  it('follow vardiff toward the rate asked for', async () => {
    const vardiff = { sharesPerMinute: 600, intervalMs: 100, minDifficulty: 1e-9, maxDifficulty: 1 };
    const result = await trial(
      { difficulty: 1e-8, jobIntervalMs: 40, vardiff },
      { pace: { kind: 'hashes', perSecondEach: 20_000 }, durationMs: 1000 },
    );
    expectAgreement(result);
    expect(Math.max(...Object.keys(result.pool.accepted_at).map(Number))).toBeGreaterThan(1e-8);
  });

  it('are told the same notify of about the size asked for', async () => {
    for (const jobBytes of [2000, 37_000]) {
      const { pool, miners } = await trial({ ...FAST, jobBytes }, { shares: 5 });
      expect(pool.accepted).toBe(5);
      expect(miners.bytes_received).toBeGreaterThan(jobBytes - 100);
      expect(miners.bytes_received).toBeLessThan(jobBytes + 1200);
    }
  });
});
