import type { BriefShare, UsualShare } from './record';
import type { SessionNames } from './session-names';
import { EXACT_DIGITS, toldHashes } from './share-work';
import { isTime } from './sound-record';

/**
 * Its line is `{"share":"accepted","s":17,"d":"1638400000000","at":1790000000000,…`, perhaps with `"worker":"acme.1",`
 * before the difficulty and `"hashes":"500",` behind it: what the journal writes for nearly all shares.
 */
const BEGINNING = Buffer.from('{"share":"accepted","s":');
const WORKER = Buffer.from(',"worker":"');
const DIFFICULTY = Buffer.from(',"d":"');
const HASHES = Buffer.from('","hashes":"');
const AT = Buffer.from('","at":');

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Reads the usual share that a line has from `start` to `end`, its checksum's member left out. Undefined where it is
 * any other record, or spelled in any other way: then it is JSON, as all are.
 */
export function readUsualShare(
  bytes: Buffer,
  start: number,
  end: number,
  names: SessionNames,
): UsualShare | undefined {
  let at = past(bytes, start, BEGINNING);
  if (at === 0) return undefined;
  let from = at;
  at = pastDigits(bytes, at);
  if (at === 0) return undefined;
  const session = numberIn(bytes, from, at);
  let worker: string | undefined;
  from = past(bytes, at, WORKER);
  if (from !== 0) {
    at = pastPlainText(bytes, from, end);
    if (at === 0) return undefined;
    worker = bytes.toString('latin1', from, at);
    at += 1;
  }
  from = past(bytes, at, DIFFICULTY);
  if (from === 0) return undefined;
  at = pastDigits(bytes, from);
  if (at === 0) return undefined;
  const units = numberIn(bytes, from, at);
  let hashes: number | undefined;
  from = past(bytes, at, HASHES);
  if (from !== 0) {
    at = pastDigits(bytes, from);
    if (at === 0) return undefined;
    hashes = numberIn(bytes, from, at);
  }
  from = past(bytes, at, AT);
  if (from === 0 || pastDigits(bytes, from) !== end) return undefined;
  const time = numberIn(bytes, from, end);
  if (!isTime(time)) return undefined;
  return { kind: 'usual', session: names.idOf(session), worker, units, hashes, at: time };
}

/** The same share as a record like any other. */
export function shareOf(share: UsualShare): BriefShare & { readonly at: number } {
  const { session, worker, units, hashes, at } = share;
  const difficulty = units.toString();
  return {
    kind: 'share',
    session,
    ...(worker === undefined ? {} : { worker }),
    outcome: 'accepted',
    difficulty,
    hashes: hashes?.toString() ?? toldHashes(difficulty),
    at,
  };
}

/** The place behind a text that has to be at `at`; 0 where it is not. */
function past(bytes: Buffer, at: number, text: Buffer): number {
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[at + index] !== text[index]) return 0;
  }
  return at + text.length;
}

/** The place behind a whole number; 0 where there is none, or it is longer than an exact one. */
function pastDigits(bytes: Buffer, from: number): number {
  let at = from;
  while (isDigit(bytes[at])) at += 1;
  const leadsWithZero = bytes[from] === 0x30 && at > from + 1;
  return at === from || at - from > EXACT_DIGITS || leadsWithZero ? 0 : at;
}

function numberIn(bytes: Buffer, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at += 1) number = number * 10 + ((bytes[at] ?? 0) - 0x30);
  return number;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** The place of the quote behind a text of ASCII in which nothing is escaped; 0 where it is another. */
function pastPlainText(bytes: Buffer, from: number, end: number): number {
  for (let at = from; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) return at;
    if (byte < 0x20 || byte > 0x7e || byte === BACKSLASH) return 0;
  }
  return 0;
}
