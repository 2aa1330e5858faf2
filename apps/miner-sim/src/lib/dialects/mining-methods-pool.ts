import { answer, notification, refusal, type MessageId, type Request } from '../message';
import type { Job } from '../pool/job';
import type { DialectName } from './dialect-name';
import type { PoolPort, PoolSpeech } from './pool-dialect';
import type { Refusal, Verdict } from './verdict';

/** What the dialects have in common whose methods begin with `mining.`. */
export abstract class MiningMethodsPool implements PoolSpeech {
  abstract readonly dialect: DialectName;

  constructor(protected readonly port: PoolPort) {}

  handle(request: Request): void {
    switch (request.method) {
      case 'mining.submit':
        this.submit(request);
        return;
      case 'mining.authorize':
        this.authorize(request);
        return;
      case 'mining.suggest_difficulty':
        this.suggestDifficulty(request);
        return;
      case 'mining.noop':
        return;
      default:
        this.port.say(this.plainAnswer(request));
        if (request.method === 'mining.subscribe' && this.port.context.options.jobOnSubscribe)
          this.sendFirstJob();
    }
  }

  difficultyLine(difficulty: number): string | undefined {
    return this.subscribed ? notification('mining.set_difficulty', [difficulty]) : undefined;
  }

  answer(id: MessageId, result: unknown): string {
    return answer(id, result);
  }

  acceptance(id: MessageId): string {
    return answer(id, true);
  }

  refusal(id: MessageId, { code, text }: Refusal): string {
    return refusal(id, code, text);
  }

  abstract jobLine(job: Job, first: boolean): string | Buffer;
  protected abstract get subscribed(): boolean;
  protected abstract subscribe(request: Request): string;
  protected abstract judge(params: readonly unknown[]): Verdict;

  /** The answer to what is neither a login nor a submit. */
  protected plainAnswer(request: Request): string {
    switch (request.method) {
      case 'mining.subscribe':
        return this.subscribe(request);
      case 'mining.extranonce.subscribe':
        return answer(request.id, true);
      case 'mining.ping':
        return answer(request.id, 'pong');
      default:
        return refusal(request.id, -3, 'Method not found');
    }
  }

  private authorize({ id, params }: Request): void {
    const { port } = this;
    const [worker] = params;
    const first = port.workers.size === 0;
    if (!port.admit(worker)) {
      port.turnAway(refusal(id, 24, 'Unauthorized worker', false));
      return;
    }
    port.welcome(answer(id, true));
    if (first) this.sendFirstJob();
  }

  /** Behind the first login; some pools send it behind the subscription already. */
  private sendFirstJob(): void {
    const { port } = this;
    if (port.hasJob) return;
    port.say(notification('mining.set_difficulty', [port.difficulties.current]));
    const job = port.context.board.current;
    port.announce(job, this.jobLine(job, true));
  }

  private suggestDifficulty({ id, params }: Request): void {
    const [wished] = params;
    const fits = typeof wished === 'number' && wished > 0 && Number.isFinite(wished);
    this.port.say(fits ? answer(id, true) : refusal(id, 20, 'Incorrect parameters'));
    if (fits) this.port.setDifficulty(wished);
  }

  private submit({ id, params }: Request): void {
    const worker = typeof params[0] === 'string' ? params[0] : '';
    this.port.settle({ id, worker, verdict: this.judge(params) });
  }
}
