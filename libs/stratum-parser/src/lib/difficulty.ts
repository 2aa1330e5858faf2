/** How hard a share is: the pool's number and the hashes it stands for. Null where unknown. */
export interface Difficulty {
  readonly difficulty: number | null;
  readonly hashes: number | null;
}

export const UNKNOWN_DIFFICULTY: Difficulty = { difficulty: null, hashes: null };

/**
 * The difficulty as a pool announces it with `set_difficulty`; null for what miners ignore: zero,
 * negative, not a number. One unit is exactly `hashesPerDifficulty1` hashes (2^32 for SHA-256d,
 * 15 ppm less than 2^256 divided by the difficulty 1 target).
 */
export function announcedDifficulty(value: number | null, hashesPerDifficulty1: number): Difficulty | null {
  if (value === null || !(value > 0)) return null;
  const hashes = value * hashesPerDifficulty1;
  return Number.isFinite(hashes) ? { difficulty: value, hashes } : null;
}
