import { CRYPTONOTE_MINER } from './cryptonote/cryptonote-miner';
import type { DialectName } from './dialect-name';
import { ETHPROXY_MINER } from './ethproxy/ethproxy-miner';
import { ETHSTRATUM1_MINER } from './ethstratum1/ethstratum1-miner';
import type { MinerDialect } from './miner-dialect';
import { STRATUM1_MINER } from './stratum1/stratum1-miner';

const MINER_DIALECTS: Readonly<Record<DialectName, MinerDialect>> = {
  stratum1: STRATUM1_MINER,
  ethstratum1: ETHSTRATUM1_MINER,
  ethproxy: ETHPROXY_MINER,
  cryptonote: CRYPTONOTE_MINER,
};

export function minerDialect(name: DialectName): MinerDialect {
  return MINER_DIALECTS[name];
}
