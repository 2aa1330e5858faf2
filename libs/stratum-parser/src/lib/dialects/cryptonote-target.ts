import type { Difficulty } from '../difficulty/difficulty';
import { plainDifficulty, UNKNOWN_DIFFICULTY } from '../difficulty/difficulty';
import type { Fields } from '../message';
import { numberOf } from '../message';
import { Recent } from '../recent';

const MAX_U32 = 2n ** 32n - 1n;
const MAX_U64 = 2n ** 64n - 1n;
const RECENT = new Recent<Difficulty>(256);

/**
 * The difficulty of a CryptoNote job, which counts hashes. Undefined for a job that names none.
 *
 * A job for a proxy has `target_diff` (its `difficulty` is the network's). Else `target` is the
 * upper part of the limit, little-endian: 4 bytes, or 8; Bytom leaves the zeros at its end out.
 */
export function cryptonoteDifficulty({ target, target_diff: ofProxy, algo }: Fields): Difficulty | undefined {
  if (ofProxy !== undefined && ofProxy !== null) return plainDifficulty(numberOf(ofProxy));
  if (target === undefined || target === null) return undefined;
  if (typeof target !== 'string' || target.length > 18) return UNKNOWN_DIFFICULTY;
  // xmrig's Job.cpp: this algorithm alone has a plain number.
  const isPlain = algo === 'rx/yada';
  const key = isPlain ? `plain ${target}` : target;
  return RECENT.get(key) ?? RECENT.keep(key, ofTarget(target, isPlain));
}

function ofTarget(target: string, isPlain: boolean): Difficulty {
  const digits = /^(?:0x)?([0-9a-f]{1,16})$/i.exec(target)?.[1];
  if (digits === undefined) return UNKNOWN_DIFFICULTY;
  if (isPlain) return below(MAX_U64, BigInt(`0x${digits}`));
  if (digits.length > 8) return below(MAX_U64, littleEndian(digits, 16));
  return below(MAX_U32, littleEndian(digits, 8));
}

function littleEndian(digits: string, length: number): bigint {
  const bytes = digits.padEnd(length, '0').match(/../g) ?? [];
  return BigInt(`0x${bytes.reverse().join('')}`);
}

function below(limit: bigint, target: bigint): Difficulty {
  return target === 0n ? UNKNOWN_DIFFICULTY : plainDifficulty(Number(limit / target));
}
