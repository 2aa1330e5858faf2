import type { Buffer } from 'node:buffer';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
/** A text is searched byte by byte up to here; JavaScript is faster than a native call for so few. */
const LONGEST_KEY = 16;

/** White space as JSON has it. */
export function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a;
}

export function skipBlank(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && (bytes[at] ?? 0) <= 0x20 && isBlank(bytes[at])) at += 1;
  return at;
}

/** An ASCII word as bytes: comparing those takes half the time of comparing characters. */
export function ascii(word: string): Uint8Array {
  return Uint8Array.from(word, (character) => character.charCodeAt(0));
}

/** Whether the bytes of the word stand there. */
export function spells(bytes: Buffer, at: number, word: Uint8Array): boolean {
  const { length } = word;
  if (at + length > bytes.length) return false;
  for (let i = 0; i < length; i += 1) if (bytes[at + i] !== word[i]) return false;
  return true;
}

/** Whether the text stands there, all of it in ASCII. */
export function spellsText(bytes: Buffer, at: number, text: string): boolean {
  if (at + text.length > bytes.length) return false;
  for (let i = 0; i < text.length; i += 1) {
    const byte = bytes[at + i] ?? 0;
    // The character 0xe9 is two bytes in UTF-8; a lone byte 0xe9 is a broken text.
    if (byte >= 0x80 || byte !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** The place behind a text without escapes that starts at `at`; 0 when there is none. */
export function afterText(bytes: Buffer, at: number, end: number): number {
  if (bytes[at] !== QUOTE) return 0;
  for (let next = at + 1; next < end; next += 1) {
    const byte = bytes[next] ?? 0;
    if (byte === QUOTE) return next + 1;
    if (byte === BACKSLASH || byte < 0x20) return 0;
  }
  return 0;
}

/**
 * The place behind the text `likely` in its quotes; 0 when something else stands there. Does not
 * know a text again that is written with escapes.
 */
export function afterLikely(bytes: Buffer, at: number, end: number, likely: string | undefined): number {
  if (likely === undefined) return 0;
  const { length } = likely;
  const closing = at + 1 + length;
  if (closing >= end || bytes[closing] !== QUOTE || bytes[at] !== QUOTE) return 0;
  for (let i = 0; i < length; i += 1) {
    const byte = bytes[at + 1 + i] ?? 0;
    if (
      byte !== likely.charCodeAt(i) ||
      byte < 0x20 ||
      byte >= 0x80 ||
      byte === BACKSLASH ||
      byte === QUOTE
    ) {
      return 0;
    }
  }
  return closing + 1;
}

/**
 * Where the list before `, "key" :` ends when the colon at `colon` is that of a key with a comma
 * before it; 0 when it is not.
 */
export function keyBefore(bytes: Buffer, colon: number, from: number): number {
  let at = blanksBefore(bytes, colon, from) - 1;
  if (bytes[at] !== QUOTE) return 0;
  const closing = at;
  do at -= 1;
  while (at > from && closing - at < LONGEST_KEY && isLetter(bytes[at]));
  if (bytes[at] !== QUOTE) return 0;
  const comma = blanksBefore(bytes, at, from) - 1;
  return comma > from && bytes[comma] === COMMA ? comma : 0;
}

function blanksBefore(bytes: Buffer, from: number, floor: number): number {
  let at = from;
  while (at > floor && isBlank(bytes[at - 1])) at -= 1;
  return at;
}

function isLetter(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x61 && byte <= 0x7a;
}
