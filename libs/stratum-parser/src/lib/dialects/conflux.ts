import { isDecimal, isInteger, isPrefixedHex } from './shape';
import { targetDifficulty } from '../difficulty/target';
import { miningDialect } from './mining-frame';

/** Conflux: the boundary is in the job; answers are `[true]` and `[false, "why"]`. */
export const conflux = miningDialect({
  name: 'conflux',
  // job, height, header, boundary
  isJob: (params) =>
    params.length >= 4 &&
    (isDecimal(params[1], 1, 20) || isInteger(params[1])) &&
    isPrefixedHex(params[2], 64) &&
    isPrefixedHex(params[3], 1, 64),
  difficultyOf: (params) => targetDifficulty(params[3]),
});
