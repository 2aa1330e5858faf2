import type { CodeMeaning } from './rejection-codes';
import { sharedCodes } from './rejection-codes';
import { Recent } from './recent';
import { MAX_TEXT } from './text';

/** Why a pool refuses, as few classes as bills and dashboards need (PROTOCOL.md section 1.3). */
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

export type RejectionReason = (typeof REJECTION_REASONS)[number];

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
  const words = text.slice(0, MAX_TEXT).toLowerCase();
  const reason = PATTERNS.find(([, pattern]) => pattern.test(words))?.[0] ?? null;
  return text.length > MAX_TEXT ? reason : RECENT.keep(text, reason);
}

/** Pools have few words for it. */
const RECENT = new Recent<RejectionReason | null>(64);

// The order decides: "Invalid share: Low difficulty share" is a low difficulty.
const PATTERNS: readonly (readonly [RejectionReason, RegExp])[] = [
  ['duplicate', /duplicat|\bdupe\b|already (been )?(submitted|solved|known|exist)/],
  ['invalid', /time[- ]too[- ](old|new)|ntime|time rolling|time out of range/],
  [
    'low_difficulty',
    /low[- ]?diff|low difficulty|diff(iculty)? (is )?too (low|small)|too low diff|(above|higher than|exceeds?) (the )?target|high[- ]hash|h-not-zero|(below|less than|not meet) (the )?(target|difficulty|diff)|^invalid difficulty/,
  ],
  [
    'stale',
    /stale|too late|expired|outdated|(job|work|task|solution)( id| with id| '[^']*')?( was| is|\b)? ?(not found|unknown|too old|does not exist)|(invalid|unknown|no such|missing|old|obsolete|bad)[- ](job|work)([- _]?id)?\b(?! chain)|invalid mining request|job.{0,24}not found|job does not exist/,
  ],
  [
    'banned',
    /\bbann?(ed)?\b|blacklist|too many|rate ?limit|high rate of invalid|flood|attack detected|enhance your calm/,
  ],
  ['not_subscribed', /not subscribed|unsubscribed|subscribe first|isn.t subscribed/],
  [
    'unauthorized',
    /unauthori[sz]ed|not (been )?authori[sz]ed|authori[sz]ation (failed|rejected)|unauthenticated|not logged|login (first|failed)|(invalid|bad|unknown|wrong|empty|missing) (login|user|username|account|address|wallet|worker|password|payment)|worker mismatch|permission denied|no (username|address|login)|forbidden/,
  ],
  [
    'server',
    /internal error|server (is )?(full|busy|error)|(work|job) not ready|not ready|not up to date|syncing|upstream|bad gateway|overload|disconnected from|couldn.t check|timed? ?out|proxy full|initiali[sz]/,
  ],
  [
    'invalid',
    /invalid|incorrect|malformed|missing|corrupt|is empty|bad |bad-|illegal|wrong|out of range|out of worker range|incorrect size|\bsize\b|nonce|version|mask\b|param|not array|array size|extranonce|failed to validate|validation failed|method not found|not supported|unsupported|no job_id|hash/,
  ],
];
