import type { AlgorithmName } from '../bitcoin/proof-of-work';
import { ONE_HASH_DIFFICULTY } from '../bitcoin/target';
import { DIALECT_NAMES, type DialectName } from '../dialects/dialect-name';
import type { WriteChunking } from '../net/link';
import type { VardiffOptions } from './vardiff';

/** What the pool does wrong, on purpose. Rates are between 0 and 1. */
export interface PoolFaultOptions {
  /** Accepts connections and never says anything. */
  readonly silentConnect: boolean;
  /** Per connection: answers this many submits, then says nothing more. */
  readonly silentAfter: number | undefined;
  /** Per connection: answers this many submits, then closes. */
  readonly closeAfter: number | undefined;
  readonly closeHow: 'fin' | 'rst';
  readonly answerDelayMs: number;
  /** Adds up to so much to each delay, so that answers overtake each other. */
  readonly answerJitterMs: number;
  readonly refuseAuthorizeRate: number;
  readonly unansweredRate: number;
  readonly garbageAnswerRate: number;
  /** Sends a request of its own, with the id of the miner's submit, before answering it. */
  readonly collidingRequests: boolean;
}

/** `any` lets each connection's first request decide. */
export type PoolDialectChoice = DialectName | 'any';
export const POOL_DIALECT_CHOICES: readonly PoolDialectChoice[] = [...DIALECT_NAMES, 'any'];

export interface PoolOptions {
  readonly host: string;
  readonly port: number;
  readonly seed: number;
  readonly dialect: PoolDialectChoice;
  /** What headers of Bitcoin's Stratum are hashed with; other dialects have their own rule. */
  readonly algorithm: AlgorithmName;
  readonly difficulty: number;
  readonly extranonce2Bytes: number;
  readonly branches: number;
  readonly jobBytes: number;
  /** The network's target, as a header has it. */
  readonly networkBits: number;
  /** Sends the first job when a miner has subscribed, and does not wait for a login. */
  readonly jobOnSubscribe: boolean;
  /** 0 sends no new jobs unless told to. */
  readonly jobIntervalMs: number;
  readonly cleanEvery: number;
  readonly versionMask: number;
  readonly vardiff: VardiffOptions | undefined;
  readonly chunking: WriteChunking;
  /** A connection with a longer backlog is dropped. */
  readonly maxBacklogBytes: number;
  readonly byWorker: boolean;
  readonly byConnection: boolean;
  readonly faults: PoolFaultOptions;
}

export const NO_POOL_FAULTS: PoolFaultOptions = {
  silentConnect: false,
  silentAfter: undefined,
  closeAfter: undefined,
  closeHow: 'fin',
  answerDelayMs: 0,
  answerJitterMs: 0,
  refuseAuthorizeRate: 0,
  unansweredRate: 0,
  garbageAnswerRate: 0,
  collidingRequests: false,
};

export const POOL_DEFAULTS: PoolOptions = {
  host: '127.0.0.1',
  port: 0,
  seed: 1,
  dialect: 'stratum1',
  algorithm: 'sha256d',
  difficulty: 1e-6,
  extranonce2Bytes: 4,
  branches: 12,
  jobOnSubscribe: false,
  jobBytes: 0,
  // A difficulty of the order of the real one: no share is ever a block by accident.
  networkBits: 0x1703a30c,
  jobIntervalMs: 30_000,
  cleanEvery: 10,
  versionMask: 0x1fffe000,
  vardiff: undefined,
  chunking: 'whole',
  maxBacklogBytes: 8 * 2 ** 20,
  byWorker: false,
  byConnection: false,
  faults: NO_POOL_FAULTS,
};

/** For load: each hash is a valid share, so that a submit costs either side a hash or two. */
export const FAST_POOL_DIFFICULTY = ONE_HASH_DIFFICULTY;
