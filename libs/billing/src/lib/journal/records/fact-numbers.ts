import type { BriefShare, BriefUsage, CloseFact, ForeignFact } from './record';

/** Facts that add to the numbers of usage. */
export type AddedFact = BriefShare | BriefUsage | CloseFact | ForeignFact;

/** A number and the name of the ledger's column that it is added to. */
export type NamedNumber = readonly [name: string, value: bigint];

const SUBMIT: NamedNumber = ['submits', 1n];
const ACCEPTED: NamedNumber = ['accepted', 1n];
const STALE: NamedNumber = ['accepted_stale', 1n];
const WITHOUT_DIFFICULTY: NamedNumber = ['accepted_without_difficulty', 1n];

/** What the fact adds. The one place that says what a share counts as. */
export function numbersOf(fact: AddedFact): NamedNumber[] {
  switch (fact.kind) {
    case 'share':
      return shareNumbers(fact);
    case 'foreign':
      return [['foreign_accounts', BigInt(fact.count)]];
    case 'usage':
    case 'close':
      return [
        ['bytes_sent', BigInt(fact.bytes_sent)],
        ['bytes_received', BigInt(fact.bytes_received)],
        ['session_ms', BigInt(fact.ms)],
      ];
  }
}

function shareNumbers(share: BriefShare): NamedNumber[] {
  switch (share.outcome) {
    case 'rejected':
      return [SUBMIT, [`rejected_${share.reason ?? 'other'}`, 1n]];
    case 'unknown':
    case 'unanswered':
      return [SUBMIT, [share.outcome, 1n]];
    case 'accepted_stale':
      return [SUBMIT, ACCEPTED, STALE, ...workNumbers(share)];
    case 'accepted':
      return [SUBMIT, ACCEPTED, ...workNumbers(share)];
  }
}

function workNumbers({ hashes, difficulty }: BriefShare): NamedNumber[] {
  if (hashes === null) return [WITHOUT_DIFFICULTY];
  const work: NamedNumber = ['accepted_hashes', BigInt(hashes)];
  return [work, difficulty === null ? WITHOUT_DIFFICULTY : ['accepted_difficulty', BigInt(difficulty)]];
}
