import { element } from '../message';
import { isFlag, isHex } from './shape';
import { miningDialect } from './mining-frame';

/** EthereumStratum/1.0.0 (NiceHash). */
export const ethstratum1 = miningDialect({
  name: 'ethstratum1',
  // job, seed, header, clean
  isJob: (params) => params.length === 4 && isHex(params[1], 64) && isHex(params[2], 64) && isFlag(params[3]),
  hint: (direction, { method, params }) =>
    direction === 'to_upstream' && method === 'mining.subscribe' && saysVersion(params, 1),
});

/** Whether a subscription asks for this version of EthereumStratum. */
export function saysVersion(params: unknown, version: 1 | 2): boolean {
  const protocol = element(params, 1);
  return typeof protocol === 'string' && protocol.toLowerCase().startsWith(`ethereumstratum/${version}`);
}
