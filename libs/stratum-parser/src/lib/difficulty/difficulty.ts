/** How hard a share is: the pool's number and the hashes it stands for. Null where unknown. */
export interface Difficulty {
  readonly difficulty: number | null;
  readonly hashes: number | null;
}

/** What is not on the wire and has to be told by whoever knows the pool. */
export interface DifficultyUnits {
  readonly hashesPerDifficulty1: number;
  /** What a number in `set_target` is: nobody knows, or the difficulty itself in hashes. */
  readonly numericTarget: 'unknown' | 'difficulty';
}

export const UNKNOWN_DIFFICULTY: Difficulty = { difficulty: null, hashes: null };

/** How stratum1, EthereumStratum/1 and what copied them begin: at difficulty 1. */
export function startAtDifficulty1(hashesPerDifficulty1: number): Difficulty {
  return { difficulty: 1, hashes: hashesPerDifficulty1 };
}

/** Nothing is known before the pool has announced it. */
export function startUnknown(): Difficulty {
  return UNKNOWN_DIFFICULTY;
}

/**
 * The difficulty as a pool announces it with `set_difficulty`; null for what miners ignore: zero and
 * negative. What cannot be read is unknown: the miner may have understood it. One unit is exactly
 * `hashesPerDifficulty1` hashes (2^32 for SHA-256d, 15 ppm less than 2^256 divided by the difficulty 1 target).
 */
export function announcedDifficulty(value: number | null, hashesPerDifficulty1: number): Difficulty | null {
  if (value === null || Number.isNaN(value)) return UNKNOWN_DIFFICULTY;
  if (value <= 0) return null;
  const hashes = value * hashesPerDifficulty1;
  return Number.isFinite(hashes) && hashes > 0 ? { difficulty: value, hashes } : UNKNOWN_DIFFICULTY;
}

/** A difficulty that counts hashes (or solutions) itself, whatever the algorithm. */
export function plainDifficulty(value: number | null): Difficulty {
  return announcedDifficulty(value, 1) ?? UNKNOWN_DIFFICULTY;
}
