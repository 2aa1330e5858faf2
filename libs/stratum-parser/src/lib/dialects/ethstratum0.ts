import { isFlag, isHex } from './shape';
import { targetDifficulty } from '../difficulty/target';
import { miningDialect } from './mining-frame';

/** Leading zeros may be missing. */
const SHORTEST_TARGET = 32;

/** ethminer's "stratum", from before NiceHash's: the target is in the job. */
export const ethstratum0 = miningDialect({
  name: 'ethstratum0',
  // job, header, seed, target, clean
  isJob: (params) =>
    (params.length === 4 || (params.length === 5 && isFlag(params[4]))) &&
    isHex(params[1], 64) &&
    isHex(params[2], 64) &&
    isHex(params[3], SHORTEST_TARGET, 64),
  difficultyOf: (params) => targetDifficulty(params[3]),
});
