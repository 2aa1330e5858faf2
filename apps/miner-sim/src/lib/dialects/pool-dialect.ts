import type { MessageId, Request } from '../message';
import type { DifficultyHistory } from '../pool/difficulty-history';
import type { Job } from '../pool/job';
import type { PoolContext } from '../pool/pool-context';
import type { DialectName } from './dialect-name';
import type { Refusal, Verdict } from './verdict';

/** A dialect as a pool speaks it. */
export interface PoolDialect {
  readonly name: DialectName;
  /** Whether a connection whose first request this is speaks it. */
  opensWith(request: Request): boolean;
  speak(port: PoolPort): PoolSpeech;
}

/**
 * What a connection does for the dialect that is spoken on it. Faults, counting, vardiff and the
 * time of answers are the connection's; a dialect only knows what is said.
 */
export interface PoolPort {
  readonly connectionId: number;
  readonly context: PoolContext;
  /** Those let in. */
  readonly workers: ReadonlySet<string>;
  readonly difficulties: DifficultyHistory;
  /** Whether a job was announced. */
  readonly hasJob: boolean;
  say(line: string | Buffer): boolean;
  /** Lets a worker in, unless the pool's faults or bounds are against it; one of the next two tells it. */
  admit(worker: unknown): worker is string;
  /** The answer to a login that was let in; with the job that the answer carries, if it does. */
  welcome(line: string, job?: Job): void;
  turnAway(line: string): void;
  /** Says a line that carries this job; its difficulty is frozen at what was announced. */
  announce(job: Job, line: string | Buffer): boolean;
  sendJob(job: Job): void;
  setDifficulty(difficulty: number): void;
  settle(submit: SettledSubmit): void;
}

export interface SettledSubmit {
  readonly id: MessageId;
  readonly worker: string;
  readonly verdict: Verdict;
}

/** One connection's talk in a dialect. */
export interface PoolSpeech {
  readonly dialect: DialectName;
  handle(request: Request): void;
  /** The line that announces a job; `first` on this connection. */
  jobLine(job: Job, first: boolean): string | Buffer;
  /** undefined when nothing is said: the next job carries it, or it is too early. */
  difficultyLine(difficulty: number): string | undefined;
  /** Any result in the dialect's frame. */
  answer(id: MessageId, result: unknown): string;
  acceptance(id: MessageId): string;
  refusal(id: MessageId, refusal: Refusal): string;
}
