import type { Answer, MessageId, Request } from '../message';
import type { MinerContext } from '../miner/miner-context';
import type { Outcome } from '../miner/outcome';
import type { Bench } from '../miner/workbench';
import type { DialectName } from './dialect-name';

/** A dialect as a miner speaks it. */
export interface MinerDialect {
  readonly name: DialectName;
  speak(port: MinerPort): MinerSpeech;
}

/** What a connection does for the dialect that is spoken on it. */
export interface MinerPort {
  readonly context: MinerContext;
  /** The workers that are to log in. */
  readonly names: readonly string[];
  /** Sends a request under an id of its own; `answered` is called once, if ever. */
  ask(write: (id: MessageId) => string, answered: (answer: Answer) => void): void;
  /** The pool has let this worker in; from now on it mines. */
  letIn(worker: string): void;
  turnedAway(): void;
  jobRead(jobId: string): void;
  malformed(): void;
}

/** One connection's talk in a dialect. */
export interface MinerSpeech {
  readonly dialect: DialectName;
  readonly bench: Bench;
  /** The connection stands: says what a device says first. */
  begin(): void;
  /** True when this line was a job that is known already and so need not be read. */
  recall?(bytes: Buffer, start: number, end: number): boolean;
  /** A request or notification that is not common to all dialects. */
  told(request: Request, line: Buffer): void;
  /** An answer to nothing that was asked, which is a job in some dialects; true when it was one. */
  overheard?(answer: Answer): boolean;
  /** What the answer to a submit means. */
  outcomeOf(answer: Answer): Outcome;
}
