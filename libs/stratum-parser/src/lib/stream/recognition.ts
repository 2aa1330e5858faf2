import type { Buffer } from 'node:buffer';
import { FRAME_HEAD_BYTES, FRAME_MARK } from './framing';

/** What the first bytes of a miner's stream say that it is. */
export type StreamKind =
  | { readonly stream: 'lines' }
  /** Lines with binary frames between them. */
  | { readonly stream: 'agent' }
  | { readonly stream: 'http'; readonly method: string }
  | { readonly stream: 'tls' }
  | { readonly stream: 'stratum2' }
  | { readonly stream: 'opaque' };

/** Never are more first bytes needed than these. */
export const MAX_HEAD = 128;

const TEXT_HEAD = 64;
const METHODS = ['GET ', 'POST ', 'HEAD ', 'PUT ', 'OPTIONS ', 'CONNECT '];
const LINES: StreamKind = { stream: 'lines' };
const OPAQUE: StreamKind = { stream: 'opaque' };

/**
 * Recognises a stream by its first bytes (docs/PROTOCOL.md, What a stream is), PROXY headers already taken
 * off. Whatever follows cannot change an answer, so that it does not depend on how the stream was
 * cut; 'more' when it is too early to tell.
 */
export function recognise(head: Buffer): StreamKind | 'more' {
  return (
    recogniseTls(head) ??
    recogniseStratum2(head) ??
    recogniseHttp(head) ??
    recogniseAgent(head) ??
    recogniseText(head)
  );
}

/** A handshake record of TLS: 16 03 */
function recogniseTls(head: Buffer): StreamKind | 'more' | null {
  if (head[0] !== 0x16) return null;
  if (head.length < 2) return 'more';
  return head[1] === 0x03 ? { stream: 'tls' } : OPAQUE;
}

/** SetupConnection in the clear: extension type 0, message type 0, U24 length, protocol. */
function recogniseStratum2(head: Buffer): StreamKind | 'more' | null {
  for (let i = 0; i < 3 && i < head.length; i += 1) if (head[i] !== 0) return null;
  if (head.length < 7) return 'more';
  const length = head.readUIntLE(3, 3);
  return length >= 25 && length <= 1100 && head.readUInt8(6) <= 2 ? { stream: 'stratum2' } : null;
}

function recogniseHttp(head: Buffer): StreamKind | 'more' | null {
  const start = head.toString('latin1', 0, Math.min(head.length, 8));
  for (const method of METHODS) {
    if (start.startsWith(method)) return { stream: 'http', method: method.trimEnd() };
    if (method.startsWith(start)) return 'more';
  }
  return null;
}

/** A frame of BTC.com's agent: 7f, command, length of all of it. */
function recogniseAgent(head: Buffer): StreamKind | 'more' | null {
  if (head[0] !== FRAME_MARK) return null;
  if (head.length < FRAME_HEAD_BYTES) return 'more';
  return head.readUInt16LE(2) < FRAME_HEAD_BYTES ? OPAQUE : { stream: 'agent' };
}

/**
 * Lines, unless the first line (or its first 64 bytes) says otherwise: random bytes begin with `{`
 * once in 256 connections.
 */
function recogniseText(head: Buffer): StreamKind | 'more' {
  const from = firstSignificant(head);
  if (from === 'more') return 'more';
  const first = head[from];
  if (first === undefined) return head.length >= TEXT_HEAD ? LINES : 'more';
  const json = first === 0x7b || first === 0x5b;
  if (!json && (first <= 0x20 || first >= 0x7f)) return OPAQUE;
  for (let i = from; i < head.length && i < TEXT_HEAD; i += 1) {
    const byte = head[i] ?? 0;
    if (byte === 0x0a) return LINES;
    if (isControl(byte) || (!json && byte >= 0x80)) return OPAQUE;
  }
  if (head.length < TEXT_HEAD) return 'more';
  return first === 0x7b && !opensObject(head, from + 1) ? OPAQUE : LINES;
}

/** The place of the first byte that is neither white space, NUL nor a byte order mark. */
function firstSignificant(head: Buffer, start = 0): number | 'more' {
  let at = start;
  while (at < head.length && at < TEXT_HEAD && isBlank(head[at] ?? 0)) at += 1;
  if (head[at] !== 0xef) return at;
  if (head.length < at + 3) return 'more';
  return head[at + 1] === 0xbb && head[at + 2] === 0xbf ? firstSignificant(head, at + 3) : at;
}

/**
 * A key or the end of the object follows. A key without its quotes does only in plain ASCII: such a line is no
 * JSON, but others may follow that are.
 */
function opensObject(head: Buffer, start: number): boolean {
  let at = start;
  while (at < head.length && isBlank(head[at] ?? 0)) at += 1;
  if (at === head.length || head[at] === 0x22 || head[at] === 0x7d) return true;
  return isLetter(head[at] ?? 0) && head.subarray(at, TEXT_HEAD).every((byte) => byte < 0x80);
}

/** A letter, or what else a lax key begins with: `_`, `$`, `'`. */
function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || byte === 0x5f || byte === 0x24 || byte === 0x27;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d && byte !== 0x0b && byte !== 0x0c) || byte === 0;
}

function isControl(byte: number): boolean {
  return byte === 0x7f || (byte < 0x20 && !isBlank(byte));
}
