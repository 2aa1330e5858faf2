import type { Difficulty } from '../difficulty/difficulty';
import { UNKNOWN_DIFFICULTY } from '../difficulty/difficulty';
import { isDecimal, isInteger } from './shape';
import { hashesOfTarget } from '../difficulty/target';
import { miningDialect } from './mining-frame';

/** Ergo: the job carries the target as a decimal number. */
export const ergo = miningDialect({
  name: 'ergo',
  // job, height, message, "", "", version, target, "", clean
  isJob: (params) => params.length >= 9 && isInteger(params[1]) && isDecimal(params[6], 20, 78),
  // Pools that send set_difficulty as well mean the target times that number.
  difficultyOf: (params, conversation) => difficultyAt(params[6], conversation.difficulty.announced),
});

function difficultyAt(target: unknown, announced: Difficulty | undefined): Difficulty {
  const hashes = hashesOfTarget(BigInt(target as string));
  const multiplier = announced === undefined ? 1 : announced.difficulty;
  if (hashes === null || multiplier === null) return UNKNOWN_DIFFICULTY;
  // Every hash would be a share: the number is no factor then, but says in hashes what the target says (F2Pool).
  return { difficulty: null, hashes: hashes > multiplier ? hashes / multiplier : hashes };
}
