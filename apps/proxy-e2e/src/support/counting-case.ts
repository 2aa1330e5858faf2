import type {
  ProxyProcess,
  SimulatedPool,
  SimulatorOptions,
  SimulatorTally,
  Stage,
} from '@mining-proxy/e2e-support';
import { expectAgreement, tallyAtRest } from './agreement';

export const MINERS = { accounts: 3, 'rigs-per-account': 2, 'no-reconnect': true } as const;
export const FAST_MINERS = { ...MINERS, fast: true, shares: 600 } as const;

/** One run: what pool and miners are told, and what has to come of it for the run to have tested anything. */
export interface CountingCase {
  readonly name: string;
  readonly pool: SimulatorOptions;
  readonly miners: SimulatorOptions;
  readonly tests: (pool: SimulatorTally) => void;
}

/** A simulated pool and a proxy before it. */
export async function openPool(
  stage: Stage,
  options: SimulatorOptions,
): Promise<{ pool: SimulatedPool; proxy: ProxyProcess }> {
  const pool = await stage.simulatedPool(options);
  return { pool, proxy: await stage.proxy({ poolPort: pool.port }) };
}

/** Lets the miners mine to their end, and holds the proxy's numbers against the pool's. */
export async function mineAndCompare(
  stage: Stage,
  { pool: poolOptions, miners, tests }: CountingCase,
): Promise<void> {
  const { pool, proxy } = await openPool(stage, poolOptions);
  const mined = await stage.simulatedMiners(proxy.minerPort, miners).summary();
  const page = await proxy.atRest();
  const tally = await tallyAtRest(pool);
  tests(tally);
  expectAgreement(page, tally, mined);
  expect(page.value('stratum_undelivered_bytes_total')).toBe(0);
}
