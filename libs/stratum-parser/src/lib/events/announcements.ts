import type { MessageId } from '../message';
import type { RequestKind } from './requests';

/** The pool speaks of its own accord, or a job or an extranonce is its answer. */
export type PoolEvent =
  NotifyEvent | SetDifficultyEvent | SetTargetEvent | SetExtranonceEvent | ReconnectEvent | PlainPoolEvent;

interface FromPool {
  readonly id: MessageId;
  /**
   * Whether the message counts as a notification: it is not an answer. (A job can be the answer
   * to a login or to a request for work.)
   */
  readonly notification: boolean;
  /** The request that this message answers at the same time, by its id; never a submit. */
  readonly alsoAnswers?: Exclude<RequestKind, 'submit'>;
  /** With `alsoAnswers`: how long that request waited. */
  readonly latencyMs?: number;
}

/** A job is announced. */
export interface NotifyEvent extends FromPool {
  readonly kind: 'notify';
  readonly job: string | null;
  readonly difficulty: number | null;
  readonly hashes: number | null;
  readonly answersGetwork: boolean;
}

/** The pool announces the difficulty of jobs to come. */
export interface SetDifficultyEvent extends FromPool {
  readonly kind: 'set_difficulty';
  /** As announced, even where it is ignored (0, negative); null for what is no number. */
  readonly difficulty: number | null;
  /** Hashes per share of the next job. */
  readonly hashes: number | null;
}

/**
 * The pool announces a target in place of a difficulty; `hashes` is what a share is expected to take, null
 * where unknown.
 */
export interface SetTargetEvent extends FromPool {
  readonly kind: 'set_target';
  readonly hashes: number | null;
}

/** The pool gives the miner another part of the search space; null where it cannot be read. */
export interface SetExtranonceEvent extends FromPool {
  readonly kind: 'set_extranonce';
  readonly extranonce: string | null;
}

/** The pool sends the miner elsewhere; `host` null means the same host. */
export interface ReconnectEvent extends FromPool {
  readonly kind: 'reconnect';
  readonly host: string | null;
  readonly port: number | null;
}

/** The pool says something of which no more than its kind is told. */
export interface PlainPoolEvent extends FromPool {
  readonly kind:
    'show_message' | 'ping' | 'get_version' | 'set_version_mask' | 'bye' | 'cancel' | 'server_other';
}
