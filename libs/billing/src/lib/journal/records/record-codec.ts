import { crc32 } from 'node:zlib';
import { cleanText } from './clean-text';
import type { JournalLine, ShareFact } from './record';
import { isSound } from './sound-record';

/** `,"crc":"01234567"}` */
const TAIL_BYTES = 18;

/** Both digits of a byte: cheaper to look up than to make with `toString(16)` and padding. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The record as one line, LF included. The checksum is that of all bytes before its own member. */
export function encodeRecord(record: JournalLine): string {
  return sealed(JSON.stringify(record).slice(0, -1));
}

/**
 * What `encodeRecord` makes of a share with a clean name, without an object for it: nearly all records are shares, and
 * this takes less than half of the time. Only names can hold what has to be escaped.
 */
export function encodeShare(share: ShareFact, at: number): string {
  const { session, client_id, worker, dialect, outcome, reason, difficulty, hashes } = share;
  const name = worker === null ? 'null' : JSON.stringify(cleanText(worker));
  const whose = client_id === undefined ? '' : `,"client_id":${JSON.stringify(client_id)}`;
  const why = reason === undefined ? '' : `,"reason":"${reason}"`;
  return sealed(
    `{"kind":"share","session":${JSON.stringify(session)}${whose},"worker":${name}` +
      `,"dialect":${JSON.stringify(dialect)},"outcome":"${outcome}"${why}` +
      `,"difficulty":${quoted(difficulty)},"hashes":${quoted(hashes)},"at":${at}`,
  );
}

function sealed(text: string): string {
  return `${text},"crc":"${checksum(text)}"}\n`;
}

/** Digits, or null. */
function quoted(digits: string | null): string {
  return digits === null ? 'null' : `"${digits}"`;
}

function checksum(bytes: string | Buffer): string {
  const sum = crc32(bytes);
  return `${HEX[sum >>> 24]}${HEX[(sum >>> 16) & 0xff]}${HEX[(sum >>> 8) & 0xff]}${HEX[sum & 0xff]}`;
}

/** Reads a line without its LF; undefined where it is damaged or cannot be added up. */
export function decodeRecord(line: Buffer): JournalLine | undefined {
  const body = line.length - TAIL_BYTES;
  if (body < 2) return undefined;
  const tail = line.toString('latin1', body);
  if (!tail.startsWith(',"crc":"') || !tail.endsWith('"}')) return undefined;
  if (tail.slice(8, 16) !== checksum(line.subarray(0, body))) return undefined;
  try {
    const record = JSON.parse(`${line.toString('utf8', 0, body)}}`) as JournalLine;
    return isSound(record) ? record : undefined;
  } catch {
    return undefined; // the caller counts it
  }
}
