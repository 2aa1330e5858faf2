import {
  type MetricsPage,
  type ShareTally,
  type SimulatedPool,
  type SimulatorTally,
  until,
} from '@mining-proxy/e2e-support';

/** The pool's tally once its connections are over, so that it holds the bytes of all. */
export async function tallyAtRest(pool: SimulatedPool): Promise<SimulatorTally> {
  return until('the pool has no connection', async () => {
    const tally = await pool.tally();
    return tally.open_connections === 0 && tally;
  });
}

/** Shares, work and bytes of each client, and the messages of all. */
export function expectAgreement(page: MetricsPage, pool: SimulatorTally, miners: SimulatorTally): void {
  expectShares(page, pool);
  const clients = Object.keys(sharesByClient(pool));
  for (const client_id of clients) {
    const bytes = pool.by_connection.filter(({ workers }) => accountOf(workers[0] ?? '') === client_id);
    const sum = (name: 'bytes_sent' | 'bytes_received') =>
      bytes.reduce((total, each) => total + each[name], 0);
    expect(page.value('stratum_bytes_sent_total', { client_id })).toBe(sum('bytes_received'));
    expect(page.value('stratum_bytes_received_total', { client_id })).toBe(sum('bytes_sent'));
    expect(page.value('stratum_connections_total', { client_id })).toBe(bytes.length);
  }
  expect(page.value('stratum_jobs_total')).toBe(miners.jobs);
}

/** Outcomes and work of each client. */
export function expectShares(page: MetricsPage, pool: SimulatorTally): void {
  const byClient = sharesByClient(pool);
  expect(Object.keys(byClient)).not.toEqual([]);
  for (const [client_id, { accepted_at, ...outcomes }] of Object.entries(byClient)) {
    const value = (name: string) => page.value(name, { client_id });
    expect({
      client_id,
      submits: value('stratum_submits_total'),
      accepted: value('stratum_accepted_shares_total'),
      rejected: value('stratum_rejected_shares_total'),
      rejected_by: page.by('stratum_share_rejections_total', 'reason', { client_id }),
      unknown: value('stratum_unknown_shares_total'),
      unanswered: value('stratum_unanswered_shares_total'),
      in_flight: value('stratum_shares_in_flight'),
    }).toEqual({ client_id, in_flight: 0, ...outcomes });
    const difficulty = sumOf(accepted_at, (each) => Math.round(each * 1e8)) / 1e8;
    expectClose(value('stratum_accepted_difficulty_total'), difficulty);
    expectClose(
      value('stratum_accepted_hashes_total'),
      sumOf(accepted_at, (each) => Math.round(each * 2 ** 32)),
    );
  }
}

/** The work of accepted shares: each is rounded to what bills are made of, 10^-8 of difficulty and whole hashes. */
function sumOf(acceptedAt: ShareTally['accepted_at'], work: (difficulty: number) => number): number {
  return Object.entries(acceptedAt).reduce((sum, [each, shares]) => sum + work(Number(each)) * shares, 0);
}

function expectClose(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(Math.abs(expected) * 1e-9);
}

type Outcomes = Pick<
  ShareTally,
  'submits' | 'accepted' | 'rejected' | 'rejected_by' | 'unknown' | 'unanswered' | 'accepted_at'
>;

/** The pool's tally by worker, added up by the account that each worker name begins with. */
function sharesByClient({ by_worker }: SimulatorTally): Record<string, Outcomes> {
  const byClient: Record<string, Outcomes> = {};
  for (const [worker, shares] of Object.entries(by_worker)) {
    const account = accountOf(worker);
    byClient[account] = added(byClient[account] ?? NOTHING, shares);
  }
  return byClient;
}

const NOTHING: Outcomes = {
  submits: 0,
  accepted: 0,
  rejected: 0,
  rejected_by: {},
  unknown: 0,
  unanswered: 0,
  accepted_at: {},
};

function added(a: Outcomes, b: Outcomes): Outcomes {
  return {
    submits: a.submits + b.submits,
    accepted: a.accepted + b.accepted,
    rejected: a.rejected + b.rejected,
    rejected_by: addedByKey(a.rejected_by, b.rejected_by),
    unknown: a.unknown + b.unknown,
    unanswered: a.unanswered + b.unanswered,
    accepted_at: addedByKey(a.accepted_at, b.accepted_at),
  };
}

function addedByKey(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>) {
  const sum: Record<string, number> = { ...a };
  for (const [key, count] of Object.entries(b)) sum[key] = (sum[key] ?? 0) + count;
  return sum;
}

function accountOf(worker: string): string {
  return worker.split('.')[0] ?? '';
}
