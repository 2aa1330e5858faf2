import type { LedgerWork } from './ledger-work';
import { ONE, type Measure } from './measure';
import type { Credit } from './pool-credits';

/** Why a pool's number may differ from the ledger's. */
export const REASONS = [
  'edges',
  'stale',
  'foreign_accounts',
  'unanswered',
  'without_difficulty',
  'rounding',
  'statistics',
  'tolerance',
] as const;
export type Reason = (typeof REASONS)[number];

/** A reason, and how much of the difference it explains at most; null where that is not known, and then it explains nothing. */
export interface Explanation {
  readonly reason: Reason;
  readonly atMost: bigint | null;
}

/** `differs`: by more than all reasons together explain. */
export type Finding = 'equal' | 'explained' | 'differs';

/** Two numbers for the same thing. Amounts are in units of `AMOUNT_PLACES`. */
export interface Comparison {
  readonly pool: bigint;
  readonly ledger: bigint;
  /** The pool's less the ledger's. */
  readonly difference: bigint;
  readonly explanations: readonly Explanation[];
  readonly finding: Finding;
}

/** Work that may lie on the other side of the edges of a day or month, at the pool. */
export interface EdgeWork {
  /** Inside of the edges by the ledger: the pool may have it outside. */
  readonly inside: bigint;
  /** Outside of them: the pool may have it inside. */
  readonly outside: bigint;
}

export interface ComparisonRules {
  readonly measure: Measure;
  /** Millionths of the ledger's number that anybody allows. */
  readonly tolerancePpm: bigint;
}

/** Compares what the pool says with the ledger, and says what may explain the difference. */
export function compare(
  credit: Credit,
  work: LedgerWork,
  edges: EdgeWork,
  rules: ComparisonRules,
): Comparison {
  const [pool, ledger] = [credit.amount, work.amount];
  const difference = pool - ledger;
  if (difference === 0n) return { pool, ledger, difference, explanations: [], finding: 'equal' };
  const sided = difference < 0n ? missing(work, edges, rules) : surplus(work, edges, rules);
  const explanations = [...sided, ...common(credit, work, rules)].filter(({ atMost }) => atMost !== 0n);
  const explained = explanations.reduce((sum, { atMost }) => sum + (atMost ?? 0n), 0n);
  const size = difference < 0n ? -difference : difference;
  return { pool, ledger, difference, explanations, finding: size <= explained ? 'explained' : 'differs' };
}

/** Why a pool may credit less than it accepted. */
function missing(work: LedgerWork, { inside }: EdgeWork, rules: ComparisonRules): Explanation[] {
  return [
    { reason: 'edges', atMost: inside },
    { reason: 'stale', atMost: ofShares(work.stale, work, rules) },
    { reason: 'foreign_accounts', atMost: work.foreign },
  ];
}

/** Why it may credit more. */
function surplus(work: LedgerWork, { outside }: EdgeWork, rules: ComparisonRules): Explanation[] {
  const without = rules.measure === 'shares' ? 0n : work.withoutDifficulty;
  return [
    { reason: 'edges', atMost: outside },
    { reason: 'unanswered', atMost: ofShares(work.open, work, rules) },
    { reason: 'without_difficulty', atMost: ofShares(without, work, rules) },
  ];
}

function common(
  { rounding }: Credit,
  work: LedgerWork,
  { measure, tolerancePpm }: ComparisonRules,
): Explanation[] {
  return [
    { reason: 'rounding', atMost: rounding },
    { reason: 'statistics', atMost: measure === 'hashrate' ? standardError(work) : 0n },
    { reason: 'tolerance', atMost: (work.amount * tolerancePpm) / 1_000_000n },
  ];
}

/** The work of so many shares at the mean of those accepted; null where that is not known. */
function ofShares(shares: bigint, work: LedgerWork, { measure }: ComparisonRules): bigint | null {
  if (shares === 0n) return 0n;
  if (measure === 'shares') return shares * ONE;
  const measured = work.accepted - work.withoutDifficulty;
  // Rounded up: it is a bound.
  return measured > 0n ? (shares * work.amount + measured - 1n) / measured : null;
}

/** One standard deviation of work that is estimated from so many shares: 1/√n of it. */
function standardError({ amount, accepted }: LedgerWork): bigint {
  if (accepted <= 0n) return 0n;
  const millionths = BigInt(Math.round(1e6 / Math.sqrt(Number(accepted))));
  return (amount * millionths) / 1_000_000n;
}
