import { isDecimal, isHex } from './shape';
import { miningDialect } from './mining-frame';

/** Kaspa's bridges; EthereumStratum/1 by name, with jobs of their own. */
export const kaspa = miningDialect({
  name: 'kaspa',
  // job, four numbers of 64 bits, timestamp; or job, the same as 80 digits
  isJob: ([, hash, timestamp, ...more]) => {
    if (more.length > 0) return false;
    if (timestamp === undefined) return isHex(hash, 80);
    return isFourNumbers(hash) && isNumber(timestamp);
  },
});

function isFourNumbers(value: unknown): boolean {
  return Array.isArray(value) && value.length === 4 && value.every(isNumber);
}

/** 64 bits do not fit into a number of JavaScript's, so that some write them as texts. */
function isNumber(value: unknown): boolean {
  return typeof value === 'number' || isDecimal(value, 1, 20);
}
