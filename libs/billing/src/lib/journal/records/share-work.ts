/** Difficulty is counted in units of 10^-8. */
export const UNITS_PER_DIFFICULTY = 1e8;

/**
 * More than this is no share's work but a mistake or an attack; a whole network's block takes less than
 * 10^24 hashes, and sums have to fit.
 */
const MOST_HASHES = 1e25;
const MOST_DIFFICULTY = 1e17;

/**
 * `difficulty` in units of 10^-8, `hashes` whole; both null where the work is not known, the difficulty alone where it
 * is there and yet less than half a unit: the work is billed, and the share counts as one without a difficulty.
 */
export interface ShareWork {
  readonly difficulty: bigint | null;
  readonly hashes: bigint | null;
}

/** Of a share whose difficulty is unknown or absurd. */
export const NO_WORK: ShareWork = { difficulty: null, hashes: null };

/** The work of one share in whole hashes and units of difficulty; nulls where it is unknown or absurd. */
export function shareWork(hashes: number | null, difficulty: number | null): ShareWork {
  const known = difficulty ?? 0;
  if (hashes === null || !(hashes >= 0 && hashes <= MOST_HASHES)) return NO_WORK;
  if (!(known >= 0 && known <= MOST_DIFFICULTY)) return NO_WORK;
  const units = whole(known * UNITS_PER_DIFFICULTY);
  return { difficulty: known > 0 && units === 0n ? null : units, hashes: whole(hashes) };
}

/** The work as a record spells it. */
export function workText({ difficulty, hashes }: ShareWork) {
  return { difficulty: difficulty?.toString() ?? null, hashes: hashes?.toString() ?? null };
}

/** A difficulty of 1, as Bitcoin counts, is 2^32 hashes. In whole numbers of both: so many units are so many hashes. */
export const UNITS_PER_STEP = 390_625;
export const HASHES_PER_STEP = 2 ** 24;

/** Up to so many digits a number is exact. */
export const EXACT_DIGITS = 15;

/** The hashes that a difficulty tells where it is a Bitcoin one, rounded; null of null. */
export function toldHashes(difficulty: string | null): string | null {
  if (difficulty === null) return null;
  if (difficulty.length > EXACT_DIGITS) return told(BigInt(difficulty)).toString();
  const units = Number(difficulty);
  const steps = Math.floor(units / UNITS_PER_STEP);
  const hashes = steps * HASHES_PER_STEP + hashesOfRest(units - steps * UNITS_PER_STEP);
  return (Number.isSafeInteger(hashes) ? hashes : told(BigInt(units))).toString();
}

/** The hashes of less than a step of units. That is never near a half: a step is an odd number of units. */
export function hashesOfRest(units: number): number {
  return Math.round((units * HASHES_PER_STEP) / UNITS_PER_STEP);
}

function told(units: bigint): bigint {
  return (units * 2n ** 32n + 50_000_000n) / 100_000_000n;
}

function whole(value: number): bigint {
  return BigInt(Math.round(value));
}
