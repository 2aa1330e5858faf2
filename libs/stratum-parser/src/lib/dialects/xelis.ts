import { element } from '../message';
import { miningDialect } from './mining-frame';

/**
 * XELIS: stratum1 with jobs and words of its own. Its difficulty counts hashes; the setting
 * `algorithm` says so, as for all dialects that announce a number.
 */
export const xelis = miningDialect({
  name: 'xelis',
  // job, timestamp, work hash, "xel/0", clean
  isJob: (params) => params.length >= 4 && typeof params[3] === 'string' && params[3].startsWith('xel/'),
  hint: (direction, { method, params }) => {
    if (direction === 'to_downstream') return method === 'mining.print';
    return method === 'mining.pong' || (method === 'mining.authorize' && isAddress(element(params, 0)));
  },
});

function isAddress(worker: unknown): boolean {
  return typeof worker === 'string' && /^xe[lt]:/i.test(worker);
}
