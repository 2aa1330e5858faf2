import { isIP, isIPv6 } from 'node:net';
import { keyOf } from '../setting';
import { wholeNumber } from './numbers';
import { check, type Rule, type Siblings } from './rule';

const NO_POOL =
  'no pool is configured; set POOL_HOST=pool.example.com POOL_PORT=3333, or in the configuration file ' +
  '"proxy": { "pool_host": "pool.example.com", "pool_port": 3333 }';

// RFC 1123, and the underscore that container networks allow.
const HOST_LABEL = /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/;

/** An IP address or a host name to listen on. */
export const Host = () => check('host', host);

/** The same, or null where another key says it. */
export const OptionalHost = () =>
  check('host', (value, siblings) => (value === null ? undefined : host(value, siblings)));

/** The pool's address. Its absence says that there is no pool, and how to name one. */
export const PoolHost = () =>
  check('poolHost', (value, siblings) => (value === undefined ? NO_POOL : host(value, siblings)));

/** The pool's port. Where the pool itself is missing, that alone is said. */
export const PoolPort = () =>
  check('poolPort', (value, siblings) => {
    if (value === undefined && siblings.poolHost === undefined) return undefined;
    const expected = port(value, siblings);
    return value === undefined && expected !== undefined ? `${expected}; set it or POOL_PORT` : expected;
  });

const port = wholeNumber(1, 65_535);

/** The keys whose port and address another listener takes. */
export interface TakenKeys {
  readonly port: string;
  readonly address: string;
  readonly ownAddress: string;
}

/** A port of its own: two listeners cannot share one, unless it is 0, or their addresses differ. */
export function NotTaken({ port, address, ownAddress }: TakenKeys): PropertyDecorator {
  return check('notTaken', (value, siblings) => {
    if (value === 0 || value !== siblings[port] || !overlap(address, ownAddress, siblings)) return undefined;
    return `must differ from \`${keyOf(port)}\`, which has the same address`;
  });
}

const host: Rule = (value) => {
  const expected = 'must be a host name or an IP address';
  if (typeof value !== 'string') return expected;
  if (isHost(value)) return undefined;
  const hint = hintFor(value);
  return hint === undefined ? expected : `${expected}; ${hint}`;
};

function hintFor(value: string): string | undefined {
  if (value.includes('://')) return 'leave the scheme and the port out';
  if (/^\[.*\]$/.test(value)) return 'leave the brackets out';
  if (/:\d+$/.test(value)) return 'leave the port out, it has a key of its own';
  return undefined;
}

function isHost(value: string): boolean {
  if (isIP(value) !== 0) return true;
  if (value.length > 253) return false;
  const labels = value.replace(/\.$/, '').split('.');
  // A name that ends in digits alone is a mistyped IPv4 address, as in 10.0.0.256.
  return labels.every((label) => HOST_LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '');
}

function overlap(address: string, ownAddress: string, siblings: Siblings): boolean {
  const [one, other] = [siblings[address], siblings[ownAddress]];
  return one === other || isWildcard(one) || isWildcard(other);
}

function isWildcard(address: unknown): boolean {
  return address === '0.0.0.0' || (typeof address === 'string' && isIPv6(address) && /^[0:]+$/.test(address));
}
