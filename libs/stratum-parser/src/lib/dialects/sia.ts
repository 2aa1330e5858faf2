import { isPrefixedHex } from './shape';
import { targetDifficulty } from '../difficulty/target';
import { miningDialect } from './mining-frame';

/** Sia as btc.com speaks it: the target is in the job. (Sia's own document is stratum1.) */
export const sia = miningDialect({
  name: 'sia',
  // job, header, target
  isJob: (params) =>
    params.length === 3 && isPrefixedHex(params[1], 1, 1024) && isPrefixedHex(params[2], 32, 64),
  difficultyOf: (params) => targetDifficulty(params[2]),
});
