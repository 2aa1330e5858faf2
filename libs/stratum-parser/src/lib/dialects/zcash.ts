import { startUnknown } from '../difficulty/difficulty';
import { isFlag, isHex, isInteger } from './shape';
import { miningDialect } from './mining-frame';

const HASHES = [2, 3, 4];

/** ZIP 301 and what follows it: targets by `set_target`, work in solutions. */
export const zcash = miningDialect({
  name: 'zcash',
  // job, version, prevhash, merkle root, reserved, time, bits, clean; aeternity: job, version, header, clean
  isJob: (params) => {
    if (params.length >= 8) return isHex(params[1], 8) && HASHES.every((at) => isHex(params[at], 64));
    return params.length === 4 && isInteger(params[1]) && isHex(params[2], 64) && isFlag(params[3]);
  },
  start: startUnknown,
});
