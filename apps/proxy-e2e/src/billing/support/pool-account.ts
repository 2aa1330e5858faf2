import type { ShareTally, SimulatorTally } from '@mining-proxy/e2e-support';
import type { LedgerRow } from './ledger-rows';

const REJECTED = 'rejected_';

/**
 * Holds the ledger's rows, grouped by client and worker, against the pool's own tally: each worker's shares by outcome
 * and reason, and the work of those accepted, exactly.
 */
export function expectLedgerShares(rows: readonly LedgerRow[], pool: SimulatorTally): void {
  // A worker that only logged in has a row, too, and is unknown to the pool's tally of shares.
  const worked = rows.filter(({ submits }) => submits !== '0');
  expect(Object.fromEntries(worked.map((row) => [nameOf(row), sharesInLedger(row)]))).toEqual(
    Object.fromEntries(
      Object.entries(pool.by_worker).map(([worker, shares]) => [
        `${accountOf(worker)} ${worker}`,
        sharesAtPool(shares),
      ]),
    ),
  );
}

/** The bytes of each worker, which are those of the connections that it was the first to log in on. */
export function expectLedgerBytes(rows: readonly LedgerRow[], pool: SimulatorTally): void {
  const expected: Record<string, { sent: number; received: number; sessions: number }> = {};
  for (const { workers, bytes_sent, bytes_received } of pool.by_connection) {
    const name = `${accountOf(workers[0] ?? '')} ${workers[0] ?? ''}`;
    const sum = (expected[name] ??= { sent: 0, received: 0, sessions: 0 });
    sum.sent += bytes_received;
    sum.received += bytes_sent;
    sum.sessions += 1;
  }
  const found = rows.map((row) => [
    nameOf(row),
    {
      sent: Number(row.bytes_sent),
      received: Number(row.bytes_received),
      sessions: Number(row.sessions),
    },
  ]);
  expect(Object.fromEntries(found)).toEqual(expected);
}

function accountOf(worker: string): string {
  return worker.split('.')[0] ?? '';
}

function nameOf(row: LedgerRow): string {
  return `${row.client_id ?? ''} ${row.worker ?? ''}`;
}

function sharesInLedger(row: LedgerRow) {
  const reasons = Object.entries(row).filter(([name, count]) => name.startsWith(REJECTED) && count !== '0');
  return {
    submits: Number(row.submits),
    accepted: Number(row.accepted),
    rejected: Number(row.rejected),
    rejected_by: Object.fromEntries(
      reasons.map(([name, count]) => [name.slice(REJECTED.length), Number(count)]),
    ),
    unknown: Number(row.unknown),
    unanswered: Number(row.unanswered),
    accepted_difficulty: unitsOf(row.accepted_difficulty ?? ''),
    accepted_hashes: BigInt(row.accepted_hashes ?? -1),
  };
}

function sharesAtPool(tally: ShareTally) {
  const { submits, accepted, rejected, rejected_by, unknown, unanswered, accepted_at } = tally;
  const work = (unit: number) =>
    Object.entries(accepted_at).reduce(
      (sum, [difficulty, shares]) => sum + BigInt(Math.round(Number(difficulty) * unit)) * BigInt(shares),
      0n,
    );
  return {
    submits,
    accepted,
    rejected,
    rejected_by,
    unknown,
    unanswered,
    accepted_difficulty: work(1e8),
    accepted_hashes: work(2 ** 32),
  };
}

/** Decimal text in units of 10^-8. */
function unitsOf(text: string): bigint {
  const [whole = '', places = ''] = text.split('.');
  return BigInt(whole) * 100_000_000n + BigInt(places.padEnd(8, '0'));
}
