import { Buffer } from 'node:buffer';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Digits that a number surely holds exactly. */
const MAX_DIGITS = 15;

/** Chunks up to this size are copied whole, of others the line's head only. */
const DESK_BYTES = 4096;
const HEAD_BYTES = 1024;
/** Where then the line's tail lies, beside its head. */
const TAIL_AT = 2048;

/**
 * Where a line is copied to be looked at. Always the same memory, so that four bytes can be compared at
 * a time, wherever they stood; that is worth far more than the copy costs. A zero follows what lies there: no
 * text, number or template goes on over it.
 */
export const DESK: Buffer = Buffer.alloc(DESK_BYTES + 8);
const WORDS = new DataView(DESK.buffer, DESK.byteOffset, DESK.length);

/** Puts the line `bytes[from..to)`, or its head, on the desk; returns the place of its first byte. */
export function layOut(bytes: Buffer, from: number, to: number): number {
  // A whole chunk is copied without making a view of it first, which would cost more than all the rest.
  if (bytes.length > DESK_BYTES) return layOutAt(0, bytes, from, to);
  DESK.set(bytes);
  DESK[to] = 0;
  return from;
}

/** The same for the end of a line that has been laid out, from `from` on. */
export function layOutTail(bytes: Buffer, from: number, to: number): number {
  return bytes.length > DESK_BYTES ? layOutAt(TAIL_AT, bytes, from, to) : from;
}

function layOutAt(place: number, bytes: Buffer, from: number, to: number): number {
  const part = bytes.subarray(from, Math.min(to, from + HEAD_BYTES));
  DESK.set(part, place);
  DESK[place + part.length] = 0;
  return place;
}

/** Whether `length` bytes on the desk are those of `words` from `from` on. */
export function matches(at: number, words: DataView, from: number, length: number): boolean {
  let i = 0;
  for (; i + 4 <= length; i += 4) if (!isSameWord(at + i, words, from + i)) return false;
  // The last four once more, as far as they have been compared, rather than what is left byte by byte.
  if (length >= 4) return i === length || isSameWord(at + length - 4, words, from + length - 4);
  for (; i < length; i += 1) if (DESK[at + i] !== words.getUint8(from + i)) return false;
  return true;
}

function isSameWord(at: number, words: DataView, from: number): boolean {
  return WORDS.getInt32(at, true) === words.getInt32(from, true);
}

/** Where a text without escapes ends: the place of its closing quote, 0 when there is none. */
export function textEnd(from: number): number {
  let at = from;
  while (!mayEndIn(WORDS.getInt32(at, true))) at += 4;
  for (;;) {
    const byte = DESK[at] ?? 0;
    if (byte === QUOTE) return at;
    if (byte < 0x20 || byte === BACKSLASH) return 0;
    at += 1;
  }
}

/**
 * Whether one of four bytes is a quote, a backslash or below 0x20: taking 1 from a zero byte (0x20 from a
 * smaller one) borrows its highest bit, and a byte that has that bit itself is none of them.
 */
function mayEndIn(word: number): boolean {
  const controls = word - 0x20202020;
  const quotes = (word ^ 0x22222222) - 0x01010101;
  const backslashes = (word ^ 0x5c5c5c5c) - 0x01010101;
  return ((controls | quotes | backslashes) & ~word & 0x80808080) !== 0;
}

/** Whether the desk has the text from `start` to `end`, all of it in ASCII: others are longer in bytes. */
export function isSpelled(text: string, start: number, end: number): boolean {
  const { length } = text;
  if (length !== end - start) return false;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    const [a, b] = [text.charCodeAt(i), text.charCodeAt(i + 1)];
    const [c, d] = [text.charCodeAt(i + 2), text.charCodeAt(i + 3)];
    const word = a | (b << 8) | (c << 16) | (d << 24);
    if (word !== WORDS.getInt32(start + i, true) || (a | b | c | d) > 0x7f) return false;
  }
  for (; i < length; i += 1) {
    const code = text.charCodeAt(i);
    if (code !== DESK[start + i] || code > 0x7f) return false;
  }
  return true;
}

/** Where a number in plain digits ends; 0 when there is none, or more digits than a number holds. */
export function digitsEnd(from: number): number {
  let at = from;
  while (isDigit(DESK[at] ?? 0)) at += 1;
  const digits = at - from;
  if (digits === 0 || digits > MAX_DIGITS || (digits > 1 && DESK[from] === 0x30)) return 0;
  return at;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
