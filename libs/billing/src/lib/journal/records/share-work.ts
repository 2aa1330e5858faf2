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

function whole(value: number): bigint {
  return BigInt(Math.round(value));
}
