import type { Fields } from '../message';
import { element, isFields, numberOf } from '../message';
import type { CodeMeaning } from '../refusals/rejection-codes';
import type { RejectionReason } from '../refusals/reasons';
import { classifyRejection, classifyText } from '../refusals/rejection-reason';
import { clip } from '../text';

/** What an answer says about the share it answers. */
export type ShareVerdict =
  | { readonly outcome: 'accepted'; readonly stale: boolean; readonly refusal: Refusal }
  | { readonly outcome: 'rejected'; readonly reason: RejectionReason; readonly refusal: Refusal }
  | { readonly outcome: 'unknown'; readonly refusal: Refusal };

/** The code and the words that came with an answer. */
export interface Refusal {
  readonly code: number | null;
  readonly message: string | null;
}

export const NO_REFUSAL: Refusal = { code: null, message: null };

export const ACCEPTED: ShareVerdict = { outcome: 'accepted', stale: false, refusal: NO_REFUSAL };
export const UNKNOWN: ShareVerdict = { outcome: 'unknown', refusal: NO_REFUSAL };
const YES = new Set(['ok', 'true', 'yes', 'accepted']);
const NO = new Set(['false', 'no', 'rejected', 'invalid']);
const GOOD_STATUS = new Set(['ok', 'accepted', 'success']);

/** The outcome of a submit: never accepted unless the answer says so (docs/PROTOCOL.md, What becomes of a share). */
export function verdictOf(answer: Fields, meaningOf?: CodeMeaning): ShareVerdict {
  const { result, error } = answer;
  if (isError(error)) return rejectedBy(refusalOf(error), meaningOf);
  const isRefused = isError(rejectReasonOf(answer));
  if (!isRefused && (result === true || result === 1)) return accepted(answer);
  if (isRefused || result === false || result === 0) return rejectedBy(refusalBeside(answer), meaningOf);
  if (Array.isArray(result)) return verdictOfList(result, meaningOf);
  if (isFields(result)) return verdictOfObject(result, meaningOf);
  if (typeof result === 'string') return verdictOfWord(result, meaningOf);
  if (result !== undefined && result !== null) return UNKNOWN;
  const said = Object.hasOwn(answer, 'result') || Object.hasOwn(answer, 'error');
  return said ? rejectedBy(refusalBeside(answer), meaningOf) : UNKNOWN;
}

/** A refusal, classified by its words and its code. */
export function rejectedBy(refusal: Refusal, meaningOf?: CodeMeaning): ShareVerdict {
  const reason = classifyRejection(refusal.message, refusal.code, meaningOf);
  return { outcome: 'rejected', reason, refusal };
}

/** Whether a request that is no submit was refused, and how. Null when it was not. */
export function refusalOfRequest(answer: Fields): Refusal | null {
  if (isError(answer.error)) return refusalOf(answer.error);
  return answer.result === false ? refusalBeside(answer) : null;
}

/** Why a login failed: the share codes mean nothing here, and neither do the share reasons. */
export function loginRefusalReason(refusal: Refusal): RejectionReason {
  const reason = refusal.message === null ? null : classifyText(refusal.message);
  return reason === 'banned' || reason === 'server' || reason === 'not_subscribed' ? reason : 'unauthorized';
}

function accepted(answer: Fields): ShareVerdict {
  const message = text(answer.message);
  if (message === null) return ACCEPTED;
  // btcpool: "Share accepted (stale)"
  return { outcome: 'accepted', stale: /stale/i.test(message), refusal: { code: null, message } };
}

function verdictOfList(result: readonly unknown[], meaningOf: CodeMeaning | undefined): ShareVerdict {
  if (result[0] === true) return ACCEPTED;
  if (result[0] !== false) return UNKNOWN;
  return rejectedBy({ code: null, message: text(result[1]) }, meaningOf);
}

function verdictOfObject({ status, error }: Fields, meaningOf: CodeMeaning | undefined): ShareVerdict {
  if (isError(error)) return rejectedBy(refusalOf(error), meaningOf);
  if (status === undefined || status === null) return ACCEPTED; // xmrig: an answer without an error
  const word = text(status);
  if (word === null) return UNKNOWN;
  if (GOOD_STATUS.has(word.trim().toLowerCase())) return ACCEPTED;
  return rejectedBy({ code: null, message: word }, meaningOf);
}

function verdictOfWord(result: string, meaningOf: CodeMeaning | undefined): ShareVerdict {
  const word = result.slice(0, 64).trim().toLowerCase();
  if (YES.has(word) || word.startsWith('blockfound - ')) return ACCEPTED;
  if (!NO.has(word) && classifyText(result) === null) return UNKNOWN;
  return rejectedBy({ code: null, message: clip(result) }, meaningOf);
}

function isError(error: unknown): boolean {
  if (error === undefined || error === null || error === false || error === '') return false;
  if (typeof error !== 'object') return true;
  return Array.isArray(error) ? error.length > 0 : Object.keys(error).length > 0;
}

function refusalOf(error: unknown): Refusal {
  if (typeof error === 'string') return refusalInText(error);
  if (typeof error === 'number') return { code: error, message: null };
  // One refusal in a list: [[21, "Job not found", null]], [{ "code": 21, "message": "Job not found" }]
  const inner = element(error, 0);
  const refusal = typeof inner === 'object' && inner !== null ? inner : error;
  if (isFields(refusal)) return { code: numberOf(refusal.code), message: wordsOf(refusal) };
  const first = element(refusal, 0);
  const code = numberOf(first);
  return { code, message: text(element(refusal, 1)) ?? (code === null ? text(first) : null) };
}

const WORDS = ['message', 'msg', 'reason', 'description', 'error', 'data'];

/** Why, in the pool's words: `message` by rule, something else where that says nothing. */
function wordsOf(refusal: Fields): string | null {
  const said = WORDS.find((key) => text(refusal[key])?.trim()) ?? 'message';
  return text(refusal[said]);
}

/** ckpool: "-3:method not found"; a number alone is a code. */
function refusalInText(error: string): Refusal {
  const numbered = /^(-?\d{1,9})(?::\s*|$)/.exec(error);
  if (numbered === null) return { code: null, message: clip(error) };
  return { code: Number(numbered[1]), message: clip(error.slice(numbered[0].length)) };
}

/** The reason beside a result: btcpool's `data`, ckpool's `reject-reason`, or a `message`. */
function refusalBeside(answer: Fields): Refusal {
  const data = isFields(answer.data) ? refusalOf(answer.data) : NO_REFUSAL;
  if (data.code !== null || data.message !== null) return data;
  return { code: null, message: text(rejectReasonOf(answer)) ?? text(answer.message) };
}

function rejectReasonOf(answer: Fields): unknown {
  return isError(answer['reject-reason']) ? answer['reject-reason'] : answer.reject_reason;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? clip(value) : null;
}
