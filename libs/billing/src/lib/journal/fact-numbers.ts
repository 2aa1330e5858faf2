import type { CloseFact, ForeignFact, ShareFact, UsageFact } from './record';

/** Facts that add to the numbers of usage. */
export type AddedFact = ShareFact | UsageFact | CloseFact | ForeignFact;

/** What the fact adds, by the names of the ledger's columns. The one place that says what a share counts as. */
export function numbersOf(fact: AddedFact): Map<string, bigint> {
  switch (fact.kind) {
    case 'share':
      return shareNumbers(fact);
    case 'foreign':
      return new Map([['foreign_accounts', BigInt(fact.count)]]);
    case 'usage':
    case 'close':
      return new Map([
        ['bytes_sent', BigInt(fact.bytes_sent)],
        ['bytes_received', BigInt(fact.bytes_received)],
        ['session_ms', BigInt(fact.ms)],
      ]);
  }
}

function shareNumbers(share: ShareFact): Map<string, bigint> {
  const numbers = new Map([['submits', 1n]]);
  switch (share.outcome) {
    case 'rejected':
      return numbers.set(`rejected_${share.reason ?? 'other'}`, 1n);
    case 'unknown':
    case 'unanswered':
      return numbers.set(share.outcome, 1n);
    case 'accepted_stale':
    case 'accepted':
      numbers.set('accepted', 1n);
      if (share.outcome === 'accepted_stale') numbers.set('accepted_stale', 1n);
      if (share.hashes === null) return numbers.set('accepted_without_difficulty', 1n);
      return numbers
        .set('accepted_hashes', BigInt(share.hashes))
        .set('accepted_difficulty', BigInt(share.difficulty ?? '0'));
  }
}
