import { asRecord, type Answer } from '../message';

export type Outcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'rejected'; readonly text: string }
  | { readonly kind: 'unknown' };

const MAX_TEXT = 80;

/**
 * What a miner makes of the answer to a submit (cgminer's `stratum_share_result`): an error says
 * no whatever the result, then only `true` says yes.
 */
export function outcomeOf({ result, error }: Answer): Outcome {
  if (error !== undefined && error !== null && error !== false) {
    return { kind: 'rejected', text: errorText(error) };
  }
  if (result === true) return { kind: 'accepted' };
  if (result === false || result === null) return { kind: 'rejected', text: `result ${String(result)}` };
  return { kind: 'unknown' };
}

/** `{code, message}` as "code message"; undefined when it is no such object. */
export function codeAndMessage(why: unknown): string | undefined {
  const said = asRecord(why);
  if (said === undefined) return undefined;
  return [said.code, said.message]
    .filter((part) => part !== undefined)
    .map(String)
    .join(' ')
    .slice(0, MAX_TEXT);
}

/** `[code, text, …]` reads as "code text"; anything else as it stands. */
function errorText(error: unknown): string {
  if (Array.isArray(error)) return error.slice(0, 2).map(String).join(' ').slice(0, MAX_TEXT);
  if (typeof error === 'string') return error.slice(0, MAX_TEXT);
  return JSON.stringify(error).slice(0, MAX_TEXT);
}
