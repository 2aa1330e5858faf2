import { type MetricsPage, type SimulatorTally, Stage } from '@mining-proxy/e2e-support';
import { tallyAtRest } from './support/agreement';
import { openPool } from './support/counting-case';

const DIALECTS = ['stratum1', 'ethstratum1', 'ethproxy', 'cryptonote'];

/**
 * Guards fleets that mix dialects: each session is metered by what it speaks, and the work of a share is that of
 * its job in that dialect's own terms, be it a difficulty or a target.
 */
describe('a fleet of four dialects behind one proxy', () => {
  const stage = new Stage();
  afterEach(() => stage.clear());

  it('agrees with the pool for each client, share by share and hash by hash, also with bad shares', async () => {
    const { pool, proxy } = await openPool(stage, {
      dialect: 'any',
      difficulty: 1e-6,
      'job-interval-ms': 300,
    });
    await stage
      .simulatedMiners(proxy.minerPort, {
        dialect: 'mixed',
        accounts: 8,
        'rigs-per-account': 2,
        'no-reconnect': true,
        fast: true,
        window: 4,
        shares: 600,
        'stale-rate': 0.03,
        'duplicate-rate': 0.03,
        'low-difficulty-rate': 0.03,
        'bad-nonce-rate': 0.03,
      })
      .summary();
    const page = await proxy.atRest();
    const tally = await tallyAtRest(pool);

    expect(tally.submits).toBe(600);
    expect(Object.keys(tally.rejected_by).length).toBeGreaterThanOrEqual(3);
    expect(byClientOfProxy(page, tally)).toEqual(byClientOfPool(tally));
    expect(page.by('stratum_sessions_total', 'dialect')).toEqual(
      Object.fromEntries(DIALECTS.map((dialect) => [dialect, 4])),
    );
    expect(page.value('stratum_bytes_sent_total')).toBe(tally.bytes_received);
    expect(page.value('stratum_bytes_received_total')).toBe(tally.bytes_sent);
    expect(page.value('stratum_accepted_without_difficulty_total')).toBe(0);
  });
});

interface Numbers {
  submits: number;
  accepted: number;
  rejected: number;
  unknown: number;
  unanswered: number;
  accepted_hashes: number;
}

const NAMES = ['submits', 'accepted', 'rejected', 'unknown', 'unanswered', 'accepted_hashes'] as const;

function byClientOfPool({ by_worker }: SimulatorTally): Record<string, Numbers> {
  const clients: Record<string, Numbers> = {};
  for (const [worker, shares] of Object.entries(by_worker)) {
    const client = (clients[accountOf(worker)] ??= {
      submits: 0,
      accepted: 0,
      rejected: 0,
      unknown: 0,
      unanswered: 0,
      accepted_hashes: 0,
    });
    for (const name of NAMES) client[name] += shares[name];
  }
  return clients;
}

function byClientOfProxy(page: MetricsPage, { by_worker }: SimulatorTally): Record<string, Numbers> {
  const clients = new Set(Object.keys(by_worker).map(accountOf));
  return Object.fromEntries(
    [...clients].map((client_id) => {
      const value = (name: string) => page.value(name, { client_id });
      return [
        client_id,
        {
          submits: value('stratum_submits_total'),
          accepted: value('stratum_accepted_shares_total'),
          rejected: value('stratum_rejected_shares_total'),
          unknown: value('stratum_unknown_shares_total'),
          unanswered: value('stratum_unanswered_shares_total'),
          accepted_hashes: value('stratum_accepted_hashes_total'),
        },
      ];
    }),
  );
}

function accountOf(worker: string): string {
  return worker.split('.')[0] ?? '';
}
