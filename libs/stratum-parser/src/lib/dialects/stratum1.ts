import type { DialectRules } from './dialect';
import { isHex } from './shape';
import { miningDialect } from './mining-frame';

const frame = miningDialect({
  name: 'stratum1',
  // job, prevhash, coinb1, coinb2, branches, version, nbits, ntime, clean
  isJob: (params) => params.length >= 9 && Array.isArray(params[4]) && isHex(params[1], 64),
});

/** Bitcoin's dialect and that of every coin that copied it; also how unlisted jobs are read. */
export const stratum1: DialectRules = {
  ...frame,
  evidence: (direction, message, soFar) => {
    const shown = frame.evidence(direction, message, soFar);
    if (shown !== 'none') return shown;
    return message.type === 'request' && message.method.startsWith('mining.') ? 'words' : 'none';
  },
};
