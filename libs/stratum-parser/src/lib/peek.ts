import type { Buffer } from 'node:buffer';
import type { MessageId } from './events';
import { afterLikely, afterText, ascii, isBlank, keyBefore, skipBlank, spells } from './peek-bytes';

/**
 * What a cheap look can claim: `submit` is a `mining.submit` and `notify` a `mining.notify`
 * whose first two parameters are plain texts, `granted` an answer that is `true` without an error.
 */
export type Peeked = 'nothing' | 'submit' | 'notify' | 'granted';

const ID = 1;
const METHOD = 2;
const PARAMS = 4;
const RESULT = 8;
const ERROR = 16;
const JSONRPC = 32;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = 0x5b;
const CLOSE = 0x5d;

const TRUE_WORD = ascii('true');
const NULL_WORD = ascii('null');
const ID_WORD = ascii('"id"');
const METHOD_WORD = ascii('"method"');
const PARAMS_WORD = ascii('"params"');
const RESULT_WORD = ascii('"result"');
const ERROR_WORD = ascii('"error"');
const JSONRPC_WORD = ascii('"jsonrpc"');
const MINING_SUBMIT_WORD = ascii('"mining.submit"');
const MINING_NOTIFY_WORD = ascii('"mining.notify"');

/** Longer texts are left to the full parse, which cuts them. */
const MAX_PLAIN_TEXT = 256;
/** Parameters with more bytes than this before the end of the line are passed over by a native search. */
const LONG_PARAMS = 256;
/** Digits that a number surely holds exactly. */
const MAX_DIGITS = 15;

/**
 * Reads the messages that make up nearly all traffic from their bytes, without parsing JSON.
 *
 * For a line of valid JSON it claims only what the full parse says too; anything unusual
 * (escapes, repeated or unknown keys, odd values) is `nothing`, and the full parse decides. What it
 * does not check: a job's parameters from the second on, and in any other line those from the third
 * on where more than 256 bytes follow. A line that is broken there is taken for what it would be if whole.
 *
 * One look at a time: the fields hold what the last one found.
 */
export class CheapLook {
  /** Valid when something is claimed; undefined where the message has no id. */
  id: MessageId = undefined;
  /** The parameters that are most likely to come: they are known again in one go. */
  likelyFirst: string | undefined = undefined;
  likelySecond: string | undefined = undefined;
  /** Whether they came. */
  firstIsLikely = false;
  secondIsLikely = false;
  /** `bytes[firstStart..firstEnd)` is the first parameter, without its quotes. */
  firstStart = 0;
  firstEnd = 0;
  secondStart = 0;
  secondEnd = 0;
  private method: Peeked = 'nothing';
  private seen = 0;
  private at = 0;

  /** Looks at `bytes[start..end)`, a line without blanks at its ends. */
  look(bytes: Buffer, start: number, end: number): Peeked {
    if (bytes[start] !== 0x7b || bytes[end - 1] !== 0x7d) return 'nothing';
    this.id = undefined;
    this.method = 'nothing';
    this.seen = 0;
    this.at = start + 1;
    for (;;) {
      if (!this.member(bytes, end)) return 'nothing';
      const next = skipBlank(bytes, this.at, end);
      if (next === end - 1) return this.claim();
      if (bytes[next] !== COMMA) return 'nothing';
      this.at = next + 1;
    }
  }

  private claim(): Peeked {
    const shape = this.seen & ~JSONRPC;
    if ((shape & ~ID) === (METHOD | PARAMS)) return this.method;
    return (shape & ~ERROR) === (ID | RESULT) ? 'granted' : 'nothing';
  }

  /** Reads one member of the message and stops behind it. */
  private member(bytes: Buffer, end: number): boolean {
    const key = this.key(bytes, skipBlank(bytes, this.at, end));
    if (key === 0 || (this.seen & key) !== 0) return false;
    this.seen |= key;
    const colon = bytes[this.at] === COLON ? this.at : skipBlank(bytes, this.at, end);
    if (bytes[colon] !== COLON) return false;
    const value = skipBlank(bytes, colon + 1, end);
    if (key === ID) return this.readId(bytes, value, end);
    if (key === METHOD) return this.readMethod(bytes, value);
    if (key === PARAMS) return this.readParams(bytes, value, end);
    if (key === RESULT) return this.word(bytes, value, TRUE_WORD);
    if (key === ERROR) return this.word(bytes, value, NULL_WORD);
    return this.pass(afterText(bytes, value, end));
  }

  /** Which key stands there, and stops behind it; 0 for every other. */
  private key(bytes: Buffer, at: number): number {
    switch (bytes[at + 1]) {
      case 0x69: // i
        return this.word(bytes, at, ID_WORD) ? ID : 0;
      case 0x6d: // m
        return this.word(bytes, at, METHOD_WORD) ? METHOD : 0;
      case 0x70: // p
        return this.word(bytes, at, PARAMS_WORD) ? PARAMS : 0;
      case 0x72: // r
        return this.word(bytes, at, RESULT_WORD) ? RESULT : 0;
      case 0x65: // e
        return this.word(bytes, at, ERROR_WORD) ? ERROR : 0;
      case 0x6a: // j
        return this.word(bytes, at, JSONRPC_WORD) ? JSONRPC : 0;
      default:
        return 0;
    }
  }

  private word(bytes: Buffer, at: number, word: Uint8Array): boolean {
    this.at = at + word.length;
    return spells(bytes, at, word);
  }

  private pass(at: number): boolean {
    this.at = at;
    return at > 0;
  }

  private readId(bytes: Buffer, at: number, end: number): boolean {
    if (bytes[at] === QUOTE) {
      const after = afterText(bytes, at, end);
      if (after === 0 || after - at > MAX_PLAIN_TEXT) return false;
      this.id = bytes.toString('utf8', at + 1, after - 1);
      return this.pass(after);
    }
    if (bytes[at] === 0x6e) {
      this.id = null;
      return this.word(bytes, at, NULL_WORD);
    }
    return this.readNumber(bytes, at, end);
  }

  private readNumber(bytes: Buffer, at: number, end: number): boolean {
    let value = 0;
    let next = at;
    for (; next < end; next += 1) {
      const digit = (bytes[next] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const digits = next - at;
    if (digits === 0 || digits > MAX_DIGITS || (digits > 1 && bytes[at] === 0x30)) return false;
    this.id = value;
    return this.pass(next);
  }

  private readMethod(bytes: Buffer, at: number): boolean {
    if (this.word(bytes, at, MINING_SUBMIT_WORD)) this.method = 'submit';
    else if (this.word(bytes, at, MINING_NOTIFY_WORD)) this.method = 'notify';
    return this.method !== 'nothing';
  }

  private readParams(bytes: Buffer, at: number, end: number): boolean {
    if (bytes[at] !== OPEN) return false;
    const first = skipBlank(bytes, at + 1, end);
    const likely = afterLikely(bytes, first, end, this.likelyFirst);
    this.firstIsLikely = likely > 0;
    const firstAfter = likely > 0 ? likely : afterText(bytes, first, end);
    if (firstAfter === 0 || firstAfter - first > MAX_PLAIN_TEXT) return false;
    const comma = skipBlank(bytes, firstAfter, end);
    if (bytes[comma] !== COMMA) return false;
    const second = skipBlank(bytes, comma + 1, end);
    this.firstStart = first + 1;
    this.firstEnd = firstAfter - 1;
    this.secondStart = second + 1;
    if (this.method === 'notify') {
      this.secondEnd = this.secondStart;
      return bytes[second] === QUOTE && this.pass(afterLongParams(bytes, second + 1, end));
    }
    const likelySecond = afterLikely(bytes, second, end, this.likelySecond);
    this.secondIsLikely = likelySecond > 0;
    const secondAfter = likelySecond > 0 ? likelySecond : afterText(bytes, second, end);
    if (secondAfter === 0 || secondAfter - second > MAX_PLAIN_TEXT) return false;
    this.secondEnd = secondAfter - 1;
    if (end - secondAfter > LONG_PARAMS) return this.pass(afterLongParams(bytes, secondAfter, end));
    return this.readMoreTexts(bytes, secondAfter, end);
  }

  /** Plain texts up to the end of the parameters. */
  private readMoreTexts(bytes: Buffer, from: number, end: number): boolean {
    let at = skipBlank(bytes, from, end);
    while (bytes[at] === COMMA) {
      const after = afterText(bytes, skipBlank(bytes, at + 1, end), end);
      if (after === 0) return false;
      at = skipBlank(bytes, after, end);
    }
    this.at = at + 1;
    return bytes[at] === CLOSE;
  }
}

/**
 * The place behind the `]` of a parameter list that has more after `from`, 0 when it is not
 * certain.
 *
 * A job has no colon in it. So the next colon belongs to the key after the list, and without one
 * the list is the last member; either way the `]` is found from behind. A colon inside the list
 * (an object, a text) does not have `], "key"` before it: nothing is claimed then.
 */
function afterLongParams(bytes: Buffer, from: number, end: number): number {
  const colon = bytes.indexOf(COLON, from);
  let at = colon < 0 || colon >= end ? end - 1 : keyBefore(bytes, colon, from);
  if (at === 0) return 0;
  while (at > from && isBlank(bytes[at - 1])) at -= 1;
  return bytes[at - 1] === CLOSE ? at : 0;
}
