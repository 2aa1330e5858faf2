import { request, type Answer, type MessageId, type Request } from '../message';
import type { MinerContext } from '../miner/miner-context';
import { outcomeOf, type Outcome } from '../miner/outcome';
import type { Bench, SubmitWriter } from '../miner/workbench';
import type { DialectName } from './dialect-name';
import type { MinerPort, MinerSpeech } from './miner-dialect';

/** What the dialects have in common whose methods begin with `mining.`. */
export abstract class MiningMethodsMiner<S> implements MinerSpeech, SubmitWriter<S> {
  abstract readonly dialect: DialectName;
  abstract readonly bench: Bench;
  /** 1 until the pool says otherwise; counts from the next job. */
  protected announcedDifficulty = 1;

  constructor(protected readonly port: MinerPort) {}

  begin(): void {
    this.ask('mining.subscribe', this.subscription, ({ result }) => {
      if (this.subscribed(result)) this.authorizeAll();
      else this.port.malformed();
    });
  }

  told({ method, params }: Request, line: Buffer): void {
    const [first] = params;
    if (method === 'mining.notify') {
      if (!this.notified(params, line)) this.port.malformed();
    } else if (method === 'mining.set_difficulty') {
      if (typeof first === 'number' && first > 0) this.announcedDifficulty = first;
    } else this.toldMore(method, params);
  }

  outcomeOf(answer: Answer): Outcome {
    return outcomeOf(answer);
  }

  strangerTo(worker: string): string {
    return `${worker}-unknown`;
  }

  submit(id: MessageId, share: S, worker: string, stranger: boolean): string {
    const name = stranger ? this.strangerTo(worker) : worker;
    return request(id, 'mining.submit', [name, ...this.shareParams(share)]);
  }

  protected abstract readonly subscription: readonly unknown[];
  /** Takes the extranonce; false when the answer cannot be read. */
  protected abstract subscribed(result: unknown): boolean;
  /** Takes a job; false when it is none. */
  protected abstract notified(params: readonly unknown[], line: Buffer): boolean;
  protected abstract toldMore(method: string, params: readonly unknown[]): void;
  /** The params of a submit after the worker. */
  protected abstract shareParams(share: S): readonly unknown[];

  protected get context(): MinerContext {
    return this.port.context;
  }

  protected ask(method: string, params: readonly unknown[], answered: (answer: Answer) => void): void {
    this.port.ask((id) => request(id, method, params), answered);
  }

  /** A dialect's requests between subscription and login. */
  protected beforeLogin(): void {
    return;
  }

  private authorizeAll(): void {
    this.beforeLogin();
    for (const name of this.port.names) this.authorize(name);
    const { suggestDifficulty } = this.context.options;
    if (suggestDifficulty !== undefined) {
      this.ask('mining.suggest_difficulty', [suggestDifficulty], () => undefined);
    }
  }

  private authorize(name: string): void {
    this.ask('mining.authorize', [name, 'x'], ({ result, error }) => {
      if (result === false || (error !== null && error !== undefined)) this.port.turnedAway();
      else this.port.letIn(name);
    });
  }
}
