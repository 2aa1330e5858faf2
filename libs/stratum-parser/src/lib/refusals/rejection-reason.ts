import type { CodeMeaning } from './rejection-codes';
import { sharedCodes } from './rejection-codes';
import { Recent } from '../recent';
import { REJECTION_WORDS, spellings } from './rejection-words';
import { MAX_TEXT } from '../text';
import type { RejectionReason } from './reasons';

/**
 * The class of a refusal. The text beats the code, because codes 20 to 28 mean different things
 * in different pools. `meaningOf` is the dialect's table of codes.
 */
export function classifyRejection(
  text: string | null,
  code: number | null,
  meaningOf: CodeMeaning = sharedCodes,
): RejectionReason {
  const byText = text === null ? null : classifyText(text);
  if (byText !== null) return byText;
  return (code === null ? null : meaningOf(code)) ?? 'other';
}

/** The class that the words alone give; null where they say nothing. */
export function classifyText(text: string): RejectionReason | null {
  const known = RECENT.get(text);
  if (known !== undefined) return known;
  const spelled = spellings(text.slice(0, MAX_TEXT));
  const [reason = null] =
    REJECTION_WORDS.find(([, patterns]) => patterns.some((words) => spelled.some((s) => words.test(s)))) ??
    [];
  return text.length > MAX_TEXT ? reason : RECENT.keep(text, reason);
}

/** Pools have few words for it. */
const RECENT = new Recent<RejectionReason | null>(64);
