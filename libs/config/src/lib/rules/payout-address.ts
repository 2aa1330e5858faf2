import { scriptOf } from '@mining-proxy/coinbase';
import type { Rule } from './rule';

/** An address of Bitcoin or a chain that spells them alike; its checksum finds what was mistyped. */
export const payoutAddress: Rule = (value) =>
  typeof value === 'string' && scriptOf(value) !== undefined
    ? undefined
    : 'must be an address as Bitcoin, Litecoin or Dogecoin spells it (1…, 3…, bc1…, ltc1…), without a mistake; of Bitcoin Cash, its legacy form';
