import type { MessageId } from '../message';
import type { Login } from './requests';

/**
 * One submit. The same object is in the `submit` event and in the event that settles it, so
 * that it can serve as a key. Names and jobs are cut at 256 characters.
 */
export interface Share {
  /** The text of the login, and its rig behind a dot where it has one; null where there is nobody. */
  readonly worker: string | null;
  /** The login that this name is, or would be if it had logged in; null where there is nobody. */
  readonly login: Login | null;
  /** Whether the pool had let this worker in on this session when the share was submitted. */
  readonly authorized: boolean;
  readonly job: string | null;
  /** As announced, frozen with the job; null where it is unknown or the dialect has targets only. */
  readonly difficulty: number | null;
  /** Hashes that a share of this job is expected to take; null where unknown. */
  readonly hashes: number | null;
}

/** A miner's share is on its way to the pool. */
export interface SubmitEvent {
  readonly kind: 'submit';
  readonly id: MessageId;
  readonly share: Share;
}

/** A share that no answer will settle any more: the session closed, or 1,000 requests came after it. */
export interface UnansweredEvent {
  readonly kind: 'unanswered';
  readonly id: MessageId;
  readonly share: Share;
  readonly cause: 'closed' | 'evicted';
}
