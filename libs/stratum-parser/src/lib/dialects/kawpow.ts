import { isFlag, isHex, isInteger } from './shape';
import { targetDifficulty } from '../difficulty/target';
import { miningDialect } from './mining-frame';

/** KawPow and the other ProgPoW pools. A target of fewer digits is the left part of it. */
export const kawpow = miningDialect({
  name: 'kawpow',
  // job, header, seed, target, clean, height, bits
  isJob: (params) =>
    params.length >= 7 &&
    isHex(params[1], 64) &&
    isHex(params[2], 64) &&
    isHex(params[3], 8, 64) &&
    isFlag(params[4]) &&
    isInteger(params[5]),
  difficultyOf: (params) => targetDifficulty(params[3], 'right'),
  missingDigits: 'right',
});
