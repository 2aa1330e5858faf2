import type { MessageId } from '../message';
import type { RejectionReason } from '../refusals/reasons';
import type { Login, RequestKind } from './requests';
import type { Share } from './shares';

/** An answer of the pool, told apart by `to` and `outcome`. */
export type ResponseEvent =
  AcceptedEvent | RejectedEvent | UnknownOutcomeEvent | RequestAnsweredEvent | OrphanEvent;

interface Answer {
  readonly kind: 'response';
  readonly id: MessageId;
  /** The pool's own words, cut at 256 characters; untrusted text. */
  readonly message: string | null;
  readonly code: number | null;
}

interface ShareAnswer extends Answer {
  readonly to: 'submit';
  readonly share: Share;
  /** From the chunk with the end of the request to the chunk with the end of the answer. */
  readonly latencyMs: number;
}

/** The pool took the share. */
export interface AcceptedEvent extends ShareAnswer {
  readonly outcome: 'accepted';
  /** Accepted, but flagged as stale by the pool. */
  readonly stale: boolean;
}

/** The pool refused the share. */
export interface RejectedEvent extends ShareAnswer {
  readonly outcome: 'rejected';
  readonly reason: RejectionReason;
}

/** An answer that nobody can read: neither accepted nor rejected. */
export interface UnknownOutcomeEvent extends ShareAnswer {
  readonly outcome: 'unknown';
}

/** The answer to a request that was not a submit. Never a share. */
export interface RequestAnsweredEvent extends Answer {
  readonly to: Exclude<RequestKind, 'submit'>;
  readonly outcome: 'ok' | 'error';
  readonly reason: RejectionReason | null;
  /** Whom an `authorize` was for; null for other requests. */
  readonly worker: string | null;
  readonly login: Login | null;
  /** `result.status` where the answer has one. */
  readonly status: string | null;
  readonly latencyMs: number;
}

/** An answer to nothing that is pending. */
export interface OrphanEvent extends Answer {
  readonly to: null;
  readonly outcome: 'orphan';
}
