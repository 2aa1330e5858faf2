/**
 * What the audit says of a share: `valid`: its hash meets its job's target; `below_target`: it does not; `duplicate`: the session had sent
 * it before; `unchecked`: beyond the budget, or something is missing that its header needs.
 */
export const VERDICTS = ['valid', 'below_target', 'duplicate', 'unchecked'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What the pool said of it; an answer that nobody can read counts as none. */
export const AUDITED_OUTCOMES = ['accepted', 'rejected', 'unanswered'] as const;
export type AuditedOutcome = (typeof AUDITED_OUTCOMES)[number];

/** The ledger's column that counts one verdict beside one outcome. */
export type AuditColumn = `audited_${Verdict}_${AuditedOutcome}`;

/** By both. Always the same texts: making one for each share costs more than counting. */
const COLUMNS = Object.fromEntries(
  VERDICTS.map((verdict) => [
    verdict,
    Object.fromEntries(AUDITED_OUTCOMES.map((outcome) => [outcome, `audited_${verdict}_${outcome}`])),
  ]),
) as Readonly<Record<Verdict, Readonly<Record<AuditedOutcome, AuditColumn>>>>;

export const AUDIT_COLUMNS: readonly AuditColumn[] = VERDICTS.flatMap((verdict) =>
  AUDITED_OUTCOMES.map((outcome) => COLUMNS[verdict][outcome]),
);

/** The column of a verdict beside an outcome. */
export function auditColumn(verdict: Verdict, outcome: AuditedOutcome): AuditColumn {
  return COLUMNS[verdict][outcome];
}
