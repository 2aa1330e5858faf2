import type { Conversation } from './conversation';
import type { Dialect, Direction } from './events';
import type { Message, RequestMessage, ResponseMessage } from './message';

/**
 * How strongly a message speaks for a dialect: not at all, its words are used, a request that
 * only it has, the shape of its jobs. Stronger evidence overrides what was known before.
 */
export type Evidence = 'none' | 'words' | 'request' | 'job';

/** One dialect: how it is recognised and what its messages mean. Has no state of its own. */
export interface DialectRules {
  readonly name: Dialect;
  /** Which messages mean here what they mean in stratum1, so that a cheap look will do. */
  readonly cheap: { readonly submit: boolean; readonly notify: boolean };
  evidence(direction: Direction, message: Message): Evidence;
  /** A request of the miner. */
  request(message: RequestMessage, conversation: Conversation): void;
  /** A message of the pool with a method that is not an answer. */
  announcement(message: RequestMessage, conversation: Conversation): void;
  /** A message of the pool without a method, or one that only repeats it. */
  answer(message: ResponseMessage, conversation: Conversation): void;
}

const STRENGTH: Readonly<Record<Evidence, number>> = { none: 0, words: 1, request: 2, job: 3 };

/** Decides which of the dialects a session speaks, as evidence comes in. */
export class DialectChoice {
  private strength = STRENGTH.none;
  private chosen: DialectRules;

  constructor(
    private readonly dialects: readonly DialectRules[],
    fallback: DialectRules,
  ) {
    this.chosen = fallback;
  }

  /** The rules to read by: those of the dialect, or the fallback's as long as nothing is known. */
  get rules(): DialectRules {
    return this.chosen;
  }

  get dialect(): Dialect | null {
    return this.strength === STRENGTH.none ? null : this.chosen.name;
  }

  /** Whether a job has shown what the session speaks, so that no message needs to be asked again. */
  get settled(): boolean {
    return this.strength === STRENGTH.job;
  }

  /** Weighs one message; true when the dialect changed by it. */
  weigh(direction: Direction, message: Message): boolean {
    const before = this.dialect;
    for (const rules of this.dialects) {
      const strength = STRENGTH[rules.evidence(direction, message)];
      if (strength <= this.strength) continue;
      this.strength = strength;
      this.chosen = rules;
    }
    return this.dialect !== before;
  }
}
