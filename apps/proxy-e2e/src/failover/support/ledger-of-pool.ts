import { eventually, type ProxyProcess, type SimulatorTally } from '@mining-proxy/e2e-support';
import { usageRows, type LedgerRow } from '../../billing/support/ledger-rows';

/** Accepted and rejected shares of each worker. */
export type AnsweredShares = Readonly<Record<string, string>>;

/** What the pool has answered. */
export function answeredBy(pool: SimulatorTally): AnsweredShares {
  return answeredShares(
    Object.entries(pool.by_worker).map(([worker, { accepted, rejected }]) => [worker, accepted, rejected]),
  );
}

/** What rows that are grouped by pool and worker have of one pool. */
export function answeredInLedger(rows: readonly LedgerRow[], poolPort: number): AnsweredShares {
  const ofPool = rows.filter(({ pool }) => pool === `127.0.0.1:${poolPort}`);
  return answeredShares(
    ofPool.map(({ worker = '', accepted, rejected }) => [worker, Number(accepted), Number(rejected)]),
  );
}

/** Waits until the running proxy's ledger has of the pool what that has answered, worker by worker. */
export async function expectLedgerOf(proxy: ProxyProcess, port: number, pool: SimulatorTally): Promise<void> {
  await eventually(async () => {
    const rows = await usageRows(proxy, 'group_by=pool,worker');
    expect(answeredInLedger(rows, port)).toEqual(answeredBy(pool));
  });
}

/** Those left out of whose shares none was answered: nothing is said of the other ones. */
export function answeredShares(counts: readonly (readonly [string, number, number])[]): AnsweredShares {
  const answered = counts.filter(([, accepted, rejected]) => accepted + rejected > 0);
  return Object.fromEntries(
    answered.map(([worker, accepted, rejected]) => [worker, `${accepted} accepted, ${rejected} rejected`]),
  );
}
