import type { WorkReader } from '../dialects/stratum1/work';
import type { Dial } from '../net/dial';
import type { Random } from '../random';
import type { FaultPlan } from './fault-plan';
import type { FleetTally } from './fleet-tally';
import type { Miner } from './miner';
import type { FleetOptions } from './miner-options';

/** What the miners of a fleet have in common. */
export interface MinerContext {
  readonly options: FleetOptions;
  readonly tally: FleetTally;
  readonly works: WorkReader;
  readonly faults: FaultPlan;
  readonly random: Random;
  readonly dial: Dial;
  /** A connection is over; `wasOpen` when it ever came about. */
  readonly closed: (miner: Miner, wasOpen: boolean) => void;
}
