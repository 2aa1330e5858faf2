import { COUNTERS, type UsageNumbers } from '../ledger/fold/usage-numbers';
import { decimalText } from './decimal';
import { HASHES_PER_TERAHASH_DAY, ratioText } from './rates';
import { REJECTION_REASONS } from '@mining-proxy/stratum-parser';

const UNITS_PER_DIFFICULTY_PLACES = 8;

/** Numbers of usage as exact decimal text, by the names of the API. */
export type UsageText = Readonly<Record<string, string>>;

/** All numbers, zeros too, always in the same order. */
export function usageText(numbers: UsageNumbers): UsageText {
  const text: Record<string, string> = {};
  for (const name of COUNTERS) {
    const value = numbers.get(name) ?? 0n;
    if (name === 'session_ms') text.session_seconds = decimalText(value, 3);
    else text[name] = value.toString();
  }
  text.rejected = rejected(numbers).toString();
  text.accepted_difficulty = decimalText(
    numbers.get('accepted_difficulty') ?? 0n,
    UNITS_PER_DIFFICULTY_PLACES,
  );
  const hashes = numbers.get('accepted_hashes') ?? 0n;
  text.accepted_hashes = hashes.toString();
  text.terahash_days = ratioText([hashes, HASHES_PER_TERAHASH_DAY]);
  return text;
}

export function rejected(numbers: UsageNumbers): bigint {
  return REJECTION_REASONS.reduce((sum, reason) => sum + (numbers.get(`rejected_${reason}`) ?? 0n), 0n);
}
