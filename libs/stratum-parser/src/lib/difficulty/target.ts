import type { Difficulty } from './difficulty';
import { UNKNOWN_DIFFICULTY } from './difficulty';
import { Recent } from '../recent';

/** Where a target of fewer than 64 digits lacks its zeros. */
export type MissingDigits = 'left' | 'right';

const TARGET = /^(?:0x)?([0-9a-f]{1,64})$/i;
const TARGETS = 2n ** 256n;
/** A quotient keeps 64 bits behind its point, so that its double is exact. */
const FRACTION_BITS = 64n;

/** Pools repeat a target with every job and to every miner. */
const RECENT = new Recent<Difficulty>(256);

/**
 * The difficulty that a target of 256 bits stands for, 2^256 / (target + 1) hashes per share, times
 * `factor`. Unknown for zero and for what is no target.
 */
export function targetDifficulty(text: unknown, missing: MissingDigits = 'left', factor = 1): Difficulty {
  if (typeof text !== 'string' || text.length > 66) return UNKNOWN_DIFFICULTY;
  const key = `${missing}${factor}:${text}`;
  const known = RECENT.get(key);
  if (known !== undefined) return known;
  const digits = TARGET.exec(text)?.[1];
  if (digits === undefined) return UNKNOWN_DIFFICULTY;
  const whole = missing === 'right' ? digits.padEnd(64, '0') : digits;
  const hashes = hashesOfTarget(BigInt(`0x${whole}`));
  if (hashes === null) return UNKNOWN_DIFFICULTY;
  return RECENT.keep(key, { difficulty: null, hashes: hashes * factor });
}

/** Hashes per share below a target; null where no hash is or where it is no target of 256 bits. */
export function hashesOfTarget(target: bigint): number | null {
  if (target <= 0n || target >= TARGETS) return null;
  return Number((TARGETS << FRACTION_BITS) / (target + 1n)) / 2 ** Number(FRACTION_BITS);
}
