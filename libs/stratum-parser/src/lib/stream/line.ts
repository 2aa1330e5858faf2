import type { Buffer } from 'node:buffer';

/** The first byte of a line that is neither blank nor padding; `end` when there is none. */
export function lineStart(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && isPadding(bytes[at])) at += 1;
  const mark = bytes[at] === 0xef && at + 3 <= end && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf;
  return mark ? lineStart(bytes, at + 3, end) : at;
}

/** The end of a line without blanks and padding; `start` when nothing else is there. */
export function lineEnd(bytes: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start && isPadding(bytes[at - 1])) at -= 1;
  return at;
}

/** White space, CR of a CRLF, and the NULs that Kaspa miners pad with. */
function isPadding(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0d || byte === 0x09 || byte === 0x00;
}
