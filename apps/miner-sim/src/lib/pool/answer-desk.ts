import { answer, refusal, type MessageId } from '../message';
import type { PoolContext } from './pool-connection';
import type { Verdict } from './share-check';

export interface SettledSubmit {
  readonly id: MessageId;
  readonly worker: string;
  readonly verdict: Verdict;
}

type Garbage = 'unreadable_result' | 'not_json' | 'wrong_id';
const GARBAGE: readonly Garbage[] = ['unreadable_result', 'not_json', 'wrong_id'];

/**
 * Answers the submits of one connection, late, wrongly or not at all when the pool's faults say so.
 * An outcome is counted when its answer is handed to the socket, never before.
 */
export class AnswerDesk {
  pending = 0;
  private readonly timers = new Set<NodeJS.Timeout>();
  private waiting: (() => void)[] = [];
  private garbageSent = 0;

  constructor(
    private readonly context: PoolContext,
    private readonly say: (line: string) => boolean,
  ) {}

  settle(submit: SettledSubmit): void {
    const { faults } = this.context.options;
    if (this.chance(faults.unansweredRate)) return;
    const garbage = this.chance(faults.garbageAnswerRate);
    const deliver = () => {
      if (garbage) this.sayGarbage(submit);
      else this.sayVerdict(submit);
    };
    if (faults.answerDelayMs === 0 && faults.answerJitterMs === 0) deliver();
    else this.later(deliver);
  }

  /** Calls back when nothing is owed any more, at once if that is now. */
  whenEmpty(callback: () => void): void {
    if (this.pending === 0) callback();
    else this.waiting.push(callback);
  }

  /** The connection is gone: what was owed stays unanswered. */
  discard(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.pending = 0;
    this.waiting = [];
  }

  private later(deliver: () => void): void {
    const { faults } = this.context.options;
    this.pending += 1;
    const timer = setTimeout(
      () => {
        this.timers.delete(timer);
        this.pending -= 1;
        deliver();
        if (this.pending === 0) for (const callback of this.waiting.splice(0)) callback();
      },
      faults.answerDelayMs + this.context.random() * faults.answerJitterMs,
    );
    this.timers.add(timer);
  }

  private sayVerdict({ id, worker, verdict }: SettledSubmit): void {
    const { shares } = this.context.tally;
    if (verdict.kind === 'accepted') {
      if (this.say(answer(id, true))) shares.accept(worker, verdict.difficulty);
      return;
    }
    if (this.say(refusal(id, verdict.code, verdict.text))) shares.reject(worker, verdict.reason);
  }

  /** Only an unreadable result is an answer to this submit; the others leave it unanswered. */
  private sayGarbage({ id, worker }: SettledSubmit): void {
    const { tally } = this.context;
    const kind = GARBAGE[this.garbageSent % GARBAGE.length] ?? 'not_json';
    if (!this.say(garbageLine(kind, id))) return;
    this.garbageSent += 1;
    tally.garbage[kind] += 1;
    if (kind === 'unreadable_result') tally.shares.unreadable(worker);
  }

  private chance(rate: number): boolean {
    return rate > 0 && this.context.random() < rate;
  }
}

function garbageLine(kind: Garbage, id: MessageId): string {
  switch (kind) {
    case 'unreadable_result':
      return answer(id, 'perhaps');
    case 'wrong_id':
      return answer('nobody-asked-this', true);
    case 'not_json':
      return '<html>502 Bad Gateway</html>\n';
  }
}
