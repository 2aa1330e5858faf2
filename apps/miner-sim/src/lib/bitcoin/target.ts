/** Target of difficulty 1 as pools use it (cgminer's `truediffone`): 0xffff * 2^208. */
const DIFFICULTY_1_TARGET = 0xffffn << 208n;
const LARGEST_TARGET = (1n << 256n) - 1n;

/** The difficulty at which one hash is worth one share: each hash has work of exactly 1. */
export const ONE_HASH_DIFFICULTY = 2 ** -32;

/**
 * The share target of a difficulty, exact for every positive double, as 32 bytes with the most
 * significant first. A hash meets it when it is not above it.
 */
export function targetOfDifficulty(difficulty: number): Buffer {
  const { mantissa, exponent } = binaryParts(difficulty);
  const exact =
    exponent < 0
      ? (DIFFICULTY_1_TARGET << BigInt(-exponent)) / mantissa
      : DIFFICULTY_1_TARGET / (mantissa << BigInt(exponent));
  const target = exact > LARGEST_TARGET ? LARGEST_TARGET : exact;
  return Buffer.from(target.toString(16).padStart(64, '0'), 'hex');
}

/** The hashes that a share of this difficulty is expected to take, rounded to whole ones. */
export function hashesOfDifficulty(difficulty: number): number {
  return Math.round(difficulty * 2 ** 32);
}

/** Compares a hash in internal byte order with a target in big-endian order. */
export function meetsTarget(hash: Uint8Array, target: Uint8Array): boolean {
  for (let at = 0; at < 32; at += 1) {
    const difference = (hash[31 - at] ?? 0) - (target[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

/** A positive double is mantissa * 2^exponent with a whole mantissa. */
function binaryParts(value: number): { mantissa: bigint; exponent: number } {
  if (!(value > 0) || !Number.isFinite(value)) throw new RangeError(`not a difficulty: ${value}`);
  let mantissa = value;
  let exponent = 0;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent -= 1;
  }
  return { mantissa: BigInt(mantissa), exponent };
}
