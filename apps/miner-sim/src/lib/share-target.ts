import { hashesOfDifficulty, targetOfDifficulty } from './bitcoin/target';

/** What an accepted share is worth. */
export interface ShareWorth {
  /** undefined where the dialect announces a target and no difficulty. */
  readonly difficulty: number | undefined;
  /** The hashes that it is expected to take, rounded to whole ones. */
  readonly hashes: number;
}

/** What a share has to meet: its hash, read as the dialect reads it, must not be above `bytes`. */
export interface ShareTarget extends ShareWorth {
  /** 32 bytes, the most significant first. */
  readonly bytes: Buffer;
}

const ALL_HASHES = 1n << 256n;

/** The target of a difficulty that is announced as a number, `2^32` hashes per difficulty 1. */
export function targetOfNumber(difficulty: number): ShareTarget {
  return { bytes: targetOfDifficulty(difficulty), difficulty, hashes: hashesOfDifficulty(difficulty) };
}

/** A target that is announced as itself: of `2^256` hashes `target + 1` meet it. */
export function targetOfBytes(bytes: Buffer): ShareTarget {
  const meeting = BigInt(`0x${bytes.toString('hex')}`) + 1n;
  return { bytes, difficulty: undefined, hashes: Number((ALL_HASHES + meeting / 2n) / meeting) };
}

/** The largest target that so many hashes meet once on average. */
export function bytesOfHashes(hashes: bigint): Buffer {
  return bytesOf(ALL_HASHES / hashes - 1n);
}

/** The same for a difficulty, whose hashes need not be whole. */
export function bytesOfDifficulty(difficulty: number): Buffer {
  const scaled = BigInt(Math.max(1, Math.round(difficulty * 2 ** 64)));
  const meeting = (ALL_HASHES << 32n) / scaled;
  return bytesOf((meeting > ALL_HASHES ? ALL_HASHES : meeting) - 1n);
}

function bytesOf(target: bigint): Buffer {
  const largest = ALL_HASHES - 1n;
  return Buffer.from((target > largest ? largest : target).toString(16).padStart(64, '0'), 'hex');
}
