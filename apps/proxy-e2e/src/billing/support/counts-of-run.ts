import type { ShareTally, SimulatorTally } from '@mining-proxy/e2e-support';
import type { LedgerRow } from './ledger-rows';

/** The shares of one life of a proxy, by those who counted them. */
export interface RunCounts {
  /** Answered by the pool. */
  readonly pool: number;
  /** Answers that reached the miners. */
  readonly miners: number;
  readonly ledger: number;
  /** Workers whose counts the guarantee does not allow, and why. */
  readonly breaches: readonly string[];
}

/**
 * Compares what is counted of the workers whose names begin with `prefix`, where each had one submit open at a
 * time: in the ledger is no more than the pool answered, and all of it but the last answer.
 */
export function countsOfRun(
  prefix: string,
  rows: readonly LedgerRow[],
  miners: SimulatorTally,
  pool: SimulatorTally,
): RunCounts {
  const workers = Object.entries(pool.by_worker).filter(([worker]) => worker.startsWith(prefix));
  const counts = { pool: 0, miners: 0, ledger: 0 };
  const breaches: string[] = [];
  for (const [worker, atPool] of workers) {
    const booked = rows.filter((row) => row.worker === worker);
    const [row] = booked;
    const heard = answered(miners.by_worker[worker]);
    const ledger = Number(row?.accepted ?? 0) + Number(row?.rejected ?? 0);
    const said = `${worker}: pool ${answered(atPool)}, miner ${heard}, ledger ${ledger}`;
    if (booked.length > 1) breaches.push(`${said}: booked to several clients`);
    if (ledger < answered(atPool) - 1 || ledger < heard - 1) breaches.push(`${said}: a share is lost`);
    if (Number(row?.submits ?? 0) !== ledger) breaches.push(`${said}: ${row?.submits ?? ''} submits`);
    for (const outcome of ['accepted', 'rejected'] as const) {
      if (Number(row?.[outcome] ?? 0) > atPool[outcome]) breaches.push(`${said}: ${outcome} too often`);
    }
    counts.pool += answered(atPool);
    counts.miners += heard;
    counts.ledger += ledger;
  }
  return { ...counts, breaches };
}

export function sharesOf({ pool }: RunCounts): number {
  return pool;
}

function answered(tally: ShareTally | undefined): number {
  return (tally?.accepted ?? 0) + (tally?.rejected ?? 0);
}
