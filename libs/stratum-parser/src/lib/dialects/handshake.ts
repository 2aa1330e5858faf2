import { isHex } from './shape';
import { miningDialect } from './mining-frame';

const ROOTS = [1, 2, 3, 4, 5];

/** Handshake: stratum1 with other jobs. */
export const handshake = miningDialect({
  name: 'handshake',
  // job, prevBlock, four roots, version, bits, time, mask; or a branch in the place of the first root
  isJob: (params) => {
    if (params.length >= 8 && isHex(params[1], 64) && Array.isArray(params[2])) return true;
    return ROOTS.every((at) => isHex(params[at], 64)) && isHex(params[6], 8);
  },
});
