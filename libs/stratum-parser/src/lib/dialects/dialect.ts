import { settleAnswer } from '../conversation/answers';
import type { Conversation } from '../conversation/conversation';
import type { Difficulty } from '../difficulty/difficulty';
import { startAtDifficulty1 } from '../difficulty/difficulty';
import type { Dialect, Direction } from '../events/stream';
import type { Message, RequestMessage, ResponseMessage } from '../message';

/**
 * How strongly a message speaks for a dialect: not at all, it is JSON at least, the dialect's
 * words are used, a request that only it has, the shape of its jobs, its binary frames. Stronger
 * evidence overrides what was known before; equal evidence does not.
 */
export type Evidence = 'none' | 'any' | 'words' | 'request' | 'job' | 'frames';

/** Which messages mean in a dialect what they mean elsewhere, so that a template of them will do. */
export interface CheapMessages {
  /** `mining.submit`: worker, job, … */
  readonly submit: boolean;
  /** `mining.notify`, of which only the job's id is read: it is at the difficulty in force. */
  readonly notify: boolean;
  /** CryptoNote's `submit` and `job`, with parameters in an object: blob, hashes and nonces are not read. */
  readonly loginFrame: boolean;
}

/** One dialect: how it is recognised and what its messages mean. Has no state of its own. */
export interface DialectRules {
  readonly name: Dialect;
  readonly cheap: CheapMessages;
  /** Its words mean the same wherever they appear, so that they are understood in every session. */
  readonly shared: boolean;
  /** What a job is worth before the pool has announced anything. */
  readonly start: (hashesPerDifficulty1: number) => Difficulty;
  /** What the message says about the dialect of a session that was taken for `soFar`. */
  evidence(direction: Direction, message: Message, soFar: Dialect | null): Evidence;
  /** A request of the miner; false when it is none of this dialect. */
  request(message: RequestMessage, conversation: Conversation): boolean;
  /** A message of the pool with a method that is not an answer; false as above. */
  announcement(message: RequestMessage, conversation: Conversation): boolean;
  /** A message of the pool without a method, or one that only repeats it. */
  answer(message: ResponseMessage, conversation: Conversation): void;
}

/** What a dialect is that has nothing of its own; each one says what differs. */
export const PLAIN_RULES: Omit<DialectRules, 'name' | 'evidence'> = {
  cheap: { submit: false, notify: false, loginFrame: false },
  shared: false,
  start: startAtDifficulty1,
  request: () => false,
  announcement: () => false,
  answer: (message, conversation) => {
    settleAnswer(message, conversation);
  },
};

const STRENGTH: Readonly<Record<Evidence, number>> = {
  none: 0,
  any: 1,
  words: 2,
  request: 3,
  job: 4,
  frames: 5,
};

/** Decides which of the dialects a session speaks, as evidence comes in. */
export class DialectChoice {
  private strength = STRENGTH.none;
  private chosen: DialectRules;

  constructor(
    private readonly dialects: readonly DialectRules[],
    first: DialectRules,
  ) {
    this.chosen = first;
  }

  /** The rules to read by: those of the dialect, or the first ones as long as nothing is known. */
  get rules(): DialectRules {
    return this.chosen;
  }

  get dialect(): Dialect | null {
    return this.strength === STRENGTH.none ? null : this.chosen.name;
  }

  /** Whether a job has shown what the session speaks, so that no message needs to be asked again. */
  get settled(): boolean {
    return this.strength >= STRENGTH.job;
  }

  /** Weighs one message; true when the dialect changed by it. */
  weigh(direction: Direction, message: Message): boolean {
    const before = this.dialect;
    for (const rules of this.dialects) {
      const evidence = rules.evidence(direction, message, before);
      // Nearly all say so.
      if (evidence === 'none') continue;
      const strength = STRENGTH[evidence];
      if (strength > this.strength) this.choose(rules, strength);
    }
    return this.dialect !== before;
  }

  /** Evidence that is no message: binary frames between the lines. True when the dialect changed. */
  sawFrames(rules: DialectRules): boolean {
    if (this.strength === STRENGTH.frames) return false;
    this.choose(rules, STRENGTH.frames);
    return true;
  }

  private choose(rules: DialectRules, strength: number): void {
    this.strength = strength;
    this.chosen = rules;
  }
}
