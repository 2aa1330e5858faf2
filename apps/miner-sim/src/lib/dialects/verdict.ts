import type { Job } from '../pool/job';
import type { ShareTarget } from '../share-target';

export type RejectReason =
  'stale' | 'duplicate' | 'low_difficulty' | 'unauthorized' | 'not_subscribed' | 'invalid';

export interface Acceptance {
  readonly kind: 'accepted';
  readonly target: ShareTarget;
}

export interface Refusal {
  readonly kind: 'rejected';
  readonly reason: RejectReason;
  readonly code: number;
  readonly text: string;
}

/** What a pool thinks of a share; the dialect puts it into words. */
export type Verdict = Acceptance | Refusal;

export function rejected(reason: RejectReason, code: number, text: string): Refusal {
  return { kind: 'rejected', reason, code, text };
}

/** Refusals of a hash that is what the miner says it is. */
export interface HashRefusals {
  readonly low: Refusal;
  readonly duplicate: Refusal;
}

/**
 * Accepts each good hash of a job once. Only hashes that meet the target are remembered, as ckpool
 * does: what is refused costs nothing.
 */
export function judgeHash(
  job: Job,
  hash: Buffer,
  meets: boolean,
  target: ShareTarget,
  refusals: HashRefusals,
): Verdict {
  if (!meets) return refusals.low;
  const key = hash.toString('latin1', 0, 16);
  if (job.accepted.has(key)) return refusals.duplicate;
  job.accepted.add(key);
  return { kind: 'accepted', target };
}
