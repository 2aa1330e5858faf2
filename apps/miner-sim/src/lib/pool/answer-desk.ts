import type { PoolSpeech, SettledSubmit } from '../dialects/pool-dialect';
import type { MessageId } from '../message';
import type { PoolContext } from './pool-context';

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

  settle(submit: SettledSubmit, speech: PoolSpeech): void {
    const { faults } = this.context.options;
    if (this.chance(faults.unansweredRate)) return;
    const garbage = this.chance(faults.garbageAnswerRate);
    const deliver = () => {
      if (garbage) this.sayGarbage(submit, speech);
      else this.sayVerdict(submit, speech);
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

  private sayVerdict({ id, worker, verdict }: SettledSubmit, speech: PoolSpeech): void {
    const { shares } = this.context.tally;
    const by = { worker, dialect: speech.dialect };
    if (verdict.kind === 'accepted') {
      if (this.say(speech.acceptance(id))) shares.accept(by, verdict.target);
      return;
    }
    if (this.say(speech.refusal(id, verdict))) shares.reject(by, verdict.reason);
  }

  /** Only an unreadable result is an answer to this submit; the others leave it unanswered. */
  private sayGarbage({ id, worker }: SettledSubmit, speech: PoolSpeech): void {
    const { tally } = this.context;
    const kind = GARBAGE[this.garbageSent % GARBAGE.length] ?? 'not_json';
    if (!this.say(garbageLine(kind, id, speech))) return;
    this.garbageSent += 1;
    tally.garbage[kind] += 1;
    if (kind === 'unreadable_result') tally.shares.unreadable({ worker, dialect: speech.dialect });
  }

  private chance(rate: number): boolean {
    return rate > 0 && this.context.random() < rate;
  }
}

function garbageLine(kind: Garbage, id: MessageId, speech: PoolSpeech): string {
  switch (kind) {
    case 'unreadable_result':
      return speech.answer(id, 'perhaps');
    case 'wrong_id':
      return speech.answer('nobody-asked-this', true);
    case 'not_json':
      return '<html>502 Bad Gateway</html>\n';
  }
}
