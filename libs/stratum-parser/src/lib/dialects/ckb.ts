import { startUnknown } from '../difficulty/difficulty';
import { isFlag, isHex, isInteger } from './shape';
import { miningDialect } from './mining-frame';

/** CKB (Eaglesong): targets by `set_target`. */
export const ckb = miningDialect({
  name: 'ckb',
  // job, header, height, parent, clean
  isJob: (params) =>
    params.length === 5 &&
    isHex(params[1], 64) &&
    isInteger(params[2]) &&
    isHex(params[3], 64) &&
    isFlag(params[4]),
  start: startUnknown,
});
