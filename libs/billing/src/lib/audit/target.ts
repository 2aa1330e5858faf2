import { Buffer } from 'node:buffer';

/** What a header's hash, as a number with its first byte as the lowest, must not be above. Difficulty 1 of Bitcoin. */
const DIFFICULTY_1 = 0xffffn << 208n;
/** So many binary places of a difficulty count. */
const PLACES = 60;

/** The target of a share, as 32 bytes, the highest first. `ease`: 65,536 for scrypt, whose difficulty 1 is so much easier. */
export function targetOfDifficulty(difficulty: number, ease = 1): Buffer {
  const scaled = BigInt(Math.max(1, Math.round(difficulty * 2 ** PLACES)));
  return targetBytes(((DIFFICULTY_1 * BigInt(ease)) << BigInt(PLACES)) / scaled);
}

/**
 * The target of a block out of the header's bits: the lower three bytes times 256 to the power of the highest less 3, as Bitcoin
 * Core's `arith_uint256::SetCompact` reads it. Undefined where no hash could meet it: zero, negative, or beyond 256 bits.
 */
export function targetOfBits(bits: number): Buffer | undefined {
  const size = bits >>> 24;
  const mantissa = BigInt(bits & 0x007fffff);
  if ((bits & 0x00800000) !== 0) return undefined;
  const target = size <= 3 ? mantissa >> BigInt(8 * (3 - size)) : mantissa << BigInt(8 * (size - 3));
  return target === 0n || target >= 1n << 256n ? undefined : targetBytes(target);
}

/** Whether a hash is not above a target. */
export function meets(hash: Buffer, target: Buffer): boolean {
  return Buffer.from(hash).reverse().compare(target) <= 0;
}

const LARGEST = (1n << 256n) - 1n;

function targetBytes(target: bigint): Buffer {
  const digits = (target > LARGEST ? LARGEST : target).toString(16);
  return Buffer.from(digits.padStart(64, '0'), 'hex');
}
