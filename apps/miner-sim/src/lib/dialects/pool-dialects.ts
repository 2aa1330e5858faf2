import type { Request } from '../message';
import { CRYPTONOTE_POOL } from './cryptonote/cryptonote-pool';
import type { DialectName } from './dialect-name';
import { ETHPROXY_POOL } from './ethproxy/ethproxy-pool';
import { ETHSTRATUM1_POOL } from './ethstratum1/ethstratum1-pool';
import type { PoolDialect } from './pool-dialect';
import { STRATUM1_POOL } from './stratum1/stratum1-pool';

/** In the order in which a first request is tried: the special before the general. */
const POOL_DIALECTS: readonly PoolDialect[] = [
  ETHSTRATUM1_POOL,
  ETHPROXY_POOL,
  CRYPTONOTE_POOL,
  STRATUM1_POOL,
];

export function poolDialect(name: DialectName): PoolDialect {
  const dialect = POOL_DIALECTS.find((candidate) => candidate.name === name);
  if (dialect === undefined) throw new Error(`no pool speaks ${name}`);
  return dialect;
}

/** The dialect that a connection speaks which begins with this request. */
export function recogniseDialect(first: Request): PoolDialect | undefined {
  return POOL_DIALECTS.find((dialect) => dialect.opensWith(first));
}
