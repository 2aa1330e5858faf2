import { scryptSync } from 'node:crypto';
import { targetOfNumber, type ShareTarget } from '../share-target';
import { NUMBER_TARGETS, TargetCache } from '../target-cache';
import { sha256d } from './sha256d';
import { ONE_HASH_DIFFICULTY } from './target';

export const ALGORITHM_NAMES = ['sha256d', 'scrypt'] as const;
export type AlgorithmName = (typeof ALGORITHM_NAMES)[number];

/** What the headers of a coin are hashed with, and what its pools mean by a difficulty. */
export interface ProofOfWork {
  /** In internal byte order. */
  readonly hash: (header: Buffer) => Buffer;
  /** Targets of difficulties as pools of this coin announce them. */
  readonly targets: TargetCache<number, ShareTarget>;
  /** The difficulty at which each hash is a share. */
  readonly oneHashDifficulty: number;
}

/** Litecoin's: 128 KiB of memory for each hash. */
const SCRYPT = { N: 1024, r: 1, p: 1 };
/** Difficulty 1 of scrypt is so many times as easy as Bitcoin's: 2^16 hashes. */
const SCRYPT_EASE = 2 ** 16;

export const PROOFS_OF_WORK: Readonly<Record<AlgorithmName, ProofOfWork>> = {
  sha256d: { hash: sha256d, targets: NUMBER_TARGETS, oneHashDifficulty: ONE_HASH_DIFFICULTY },
  scrypt: {
    hash: (header) => scryptSync(header, header, 32, SCRYPT),
    targets: new TargetCache(scryptTarget),
    oneHashDifficulty: ONE_HASH_DIFFICULTY * SCRYPT_EASE,
  },
};

/** By a power of two: what Bitcoin would call the difficulty is as exact. */
function scryptTarget(difficulty: number): ShareTarget {
  return { ...targetOfNumber(difficulty / SCRYPT_EASE), difficulty };
}
