import { Fleet } from '../miner/fleet';
import type { FleetSummary } from '../miner/fleet-tally';
import { FLEET_DEFAULTS, type FleetOptions } from '../miner/miner-options';
import { Pool } from '../pool/pool';
import { NO_POOL_FAULTS, POOL_DEFAULTS, type PoolOptions } from '../pool/pool-options';
import type { PoolSummary } from '../pool/pool-tally';
import type { ShareSummary } from '../share-counts';

/** What pool and miners say after a run against each other. */
export interface Trial {
  readonly pool: PoolSummary;
  readonly miners: FleetSummary;
}

const FLAT_OUT: Partial<FleetOptions> = { pace: { kind: 'flat-out' }, reconnectDelayMs: undefined };

/** Runs miners against a pool over loopback, until the fleet's limits end it. */
export async function trial(
  poolOptions: Partial<PoolOptions>,
  fleetOptions: Partial<FleetOptions>,
  whileRunning?: (pool: Pool, fleet: Fleet) => void,
): Promise<Trial> {
  let submitted: () => void = () => undefined;
  const pool = new Pool({ ...POOL_DEFAULTS, jobIntervalMs: 0, byWorker: true, ...poolOptions }, () =>
    submitted(),
  );
  const { port } = await pool.listen();
  const fleet = new Fleet({ ...FLEET_DEFAULTS, byWorker: true, ...FLAT_OUT, ...fleetOptions, port });
  if (whileRunning !== undefined) submitted = () => whileRunning(pool, fleet);
  const miners = await fleet.run();
  await atRest(pool);
  await pool.close(1000);
  return { pool: pool.summary(), miners };
}

/** The pool hears of the last ends of the miners a few turns later, and would count its own close in their place. */
async function atRest(pool: Pool): Promise<void> {
  const deadline = performance.now() + 500;
  while (pool.summary().open_connections > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export function withFaults(faults: Partial<PoolOptions['faults']>): Partial<PoolOptions> {
  return { faults: { ...NO_POOL_FAULTS, ...faults } };
}

/** What both sides must agree on when no connection broke. */
export function expectAgreement({ pool, miners }: Trial): void {
  expect(outcomes(miners)).toEqual(outcomes(pool));
  expect(miners.bytes_sent).toBe(pool.bytes_received);
  expect(miners.bytes_received).toBe(pool.bytes_sent);
  expect(miners.connections).toBe(pool.connections);
  expect(pool.submits).toBe(pool.accepted + pool.rejected + pool.unknown + pool.unanswered);
  expect(allOutcomes(miners.by_worker ?? {})).toEqual(allOutcomes(pool.by_worker ?? {}));
  expect(allOutcomes(miners.by_dialect)).toMatchObject(allOutcomes(pool.by_dialect));
}

/** Without the reasons: they are the pool's words there and the answer's here. */
function outcomes(shares: ShareSummary): Omit<ShareSummary, 'rejected_by'> {
  const { submits, accepted, rejected, unknown, unanswered } = shares;
  const { accepted_at, accepted_at_hashes, accepted_difficulty, accepted_hashes } = shares;
  return {
    submits,
    accepted,
    rejected,
    unknown,
    unanswered,
    accepted_at,
    accepted_at_hashes,
    accepted_difficulty,
    accepted_hashes,
  };
}

function allOutcomes(by: Readonly<Record<string, ShareSummary>>): Record<string, object> {
  return Object.fromEntries(Object.entries(by).map(([name, shares]) => [name, outcomes(shares)]));
}
