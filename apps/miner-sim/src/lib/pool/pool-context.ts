import type { Random } from '../random';
import type { JobBoard } from './job-board';
import type { PoolConnection } from './pool-connection';
import type { PoolOptions } from './pool-options';
import type { PoolTally } from './pool-tally';

/** What all connections of a pool have in common. */
export interface PoolContext {
  readonly options: PoolOptions;
  readonly board: JobBoard;
  readonly tally: PoolTally;
  readonly random: Random;
  readonly nowMs: () => number;
  /** The whole pool has gone silent. */
  readonly isSilent: () => boolean;
  readonly submitted: () => void;
  readonly closed: (connection: PoolConnection, failed: boolean) => void;
}
