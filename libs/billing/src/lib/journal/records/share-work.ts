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

/** Hashes of a difficulty of 1, as Bitcoin counts them, are 2^32; the least part of both that is whole is a step. */
export const UNITS_PER_STEP = 390_625;
export const HASHES_PER_STEP = 2 ** 24;

/** The hashes that a difficulty tells where it is a Bitcoin one: null of null, undefined where it is no whole number of steps. */
export function toldHashes(difficulty: string | null): string | null | undefined {
  if (difficulty === null) return null;
  // Nearly all: both are exact, since a step is a power of two of hashes.
  if (difficulty.length <= 15) {
    const steps = Number(difficulty) / UNITS_PER_STEP;
    return Number.isInteger(steps) ? exact(steps * HASHES_PER_STEP) : undefined;
  }
  const units = BigInt(difficulty);
  if (units % BigInt(UNITS_PER_STEP) !== 0n) return undefined;
  return ((units / BigInt(UNITS_PER_STEP)) * BigInt(HASHES_PER_STEP)).toString();
}

function exact(value: number): string {
  return Number.isSafeInteger(value) ? value.toString() : BigInt(value).toString();
}

function whole(value: number): bigint {
  return BigInt(Math.round(value));
}
