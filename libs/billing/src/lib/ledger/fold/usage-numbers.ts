import { REJECTION_REASONS } from '@mining-proxy/stratum-parser';
import { AUDIT_COLUMNS } from '../../audit/verdict';

/** The counts that the ledger has had from its first schema on. */
export const FIRST_COUNTERS = [
  'bytes_sent',
  'bytes_received',
  'sessions',
  'session_ms',
  'submits',
  'accepted',
  'accepted_stale',
  ...REJECTION_REASONS.map((reason) => `rejected_${reason}` as const),
  'unknown',
  'unanswered',
  'accepted_without_difficulty',
  'foreign_accounts',
] as const;

/** What the audit adds; none of it is billed. */
export const AUDIT_COUNTERS = [...AUDIT_COLUMNS, 'block_candidates'] as const;

/** The columns of `usage` that are plain counts. */
export const COUNTERS = [...FIRST_COUNTERS, ...AUDIT_COUNTERS] as const;

/** Sums that outgrow 64 bits: kept as `<name>_high` times `LIMB` plus `<name>_low`. */
export const WIDE = ['accepted_difficulty', 'accepted_hashes'] as const;

/** 10^15: some 9 * 10^33 fit then, and a database adds the parts with its own 64-bit integers. */
export const LIMB = 1_000_000_000_000_000n;

export type Counter = (typeof COUNTERS)[number];
export type Wide = (typeof WIDE)[number];
export type NumberName = Counter | Wide;

export const NUMBER_NAMES: readonly NumberName[] = [...COUNTERS, ...WIDE];

const KNOWN: ReadonlySet<string> = new Set(NUMBER_NAMES);

/** Numbers by name; what is absent is 0. They may be negative, where something is taken back. */
export type UsageNumbers = Map<NumberName, bigint>;

export function addNumbers(
  to: UsageNumbers,
  from: Iterable<readonly [string, bigint]>,
  sign: 1n | -1n = 1n,
): void {
  for (const [name, value] of from) {
    if (isNumberName(name)) to.set(name, (to.get(name) ?? 0n) + sign * value);
  }
}

export function isZero(numbers: UsageNumbers): boolean {
  return [...numbers.values()].every((value) => value === 0n);
}

function isNumberName(name: string): name is NumberName {
  return KNOWN.has(name);
}
