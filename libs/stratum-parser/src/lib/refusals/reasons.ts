/** Why a pool refuses, as few classes as bills and dashboards need (docs/PROTOCOL.md, What becomes of a share). */
export const REJECTION_REASONS = [
  'duplicate',
  'stale',
  'low_difficulty',
  'unauthorized',
  'not_subscribed',
  'invalid',
  'banned',
  'server',
  'other',
] as const;

/**
 * Why a pool refused, in words that are the same for all pools; `other` where its own say nothing that is
 * known.
 */
export type RejectionReason = (typeof REJECTION_REASONS)[number];
