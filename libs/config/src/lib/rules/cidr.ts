import { isIP } from 'node:net';
import type { Rule } from './rule';

const EXPECTED = 'must be an IP address or a block of them, as 203.0.113.7 or 10.0.0.0/8';

/** A block of addresses; a single address is a block of one. Bits behind the prefix may be set. */
export const cidr: Rule = (value) => (typeof value === 'string' && isCidr(value) ? undefined : EXPECTED);

/** Gives each single address of a list its prefix, so that whoever reads the list meets one form only. */
export function withPrefixes(list: unknown): unknown {
  if (!Array.isArray(list)) return list;
  return list.map((entry: unknown) =>
    typeof entry === 'string' && isCidr(entry) ? withPrefix(entry) : entry,
  );
}

function withPrefix(text: string): string {
  return text.includes('/') ? text : `${text}/${bitsOf(text)}`;
}

function isCidr(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  // A zone (fe80::1%eth0) names an interface of this machine, not a block of addresses.
  if (isIP(address) === 0 || address.includes('%') || rest.length > 0) return false;
  return prefix === undefined || (/^(0|[1-9]\d{0,2})$/.test(prefix) && Number(prefix) <= bitsOf(address));
}

function bitsOf(address: string): number {
  return isIP(address) === 6 ? 128 : 32;
}
