import { type SimulatedPool, until } from '@mining-proxy/e2e-support';

/** Miners hash truly, and hundreds of them come back in their own time. */
const PATIENCE_MS = 45_000;

/** The pool has accepted so many shares in all. */
export async function mines(pool: SimulatedPool, accepted: number): Promise<void> {
  const look = async () => (await pool.tally()).accepted >= accepted;
  await until(`${accepted} accepted shares`, look, PATIENCE_MS);
}

/** At least so many miners are connected to the pool. */
export async function at(pool: SimulatedPool, connections: number): Promise<void> {
  const look = async () => (await pool.tally()).open_connections >= connections;
  await until(`${connections} miners at the pool`, look, PATIENCE_MS);
}
