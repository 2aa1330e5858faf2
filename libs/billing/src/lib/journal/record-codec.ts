import { crc32 } from 'node:zlib';
import type { JournalRecord, SegmentHeader } from './record';
import { isSound } from './sound-record';

export type JournalLine = JournalRecord | SegmentHeader;

/** `,"crc":"01234567"}` */
const TAIL_BYTES = 18;

/** The record as one line, LF included. The checksum is that of all bytes before its own member. */
export function encodeRecord(record: JournalLine): string {
  const text = JSON.stringify(record).slice(0, -1);
  return `${text},"crc":"${crc32(text).toString(16).padStart(8, '0')}"}\n`;
}

/** Reads a line without its LF; undefined where it is damaged or cannot be added up. */
export function decodeRecord(line: Buffer): JournalLine | undefined {
  const body = line.length - TAIL_BYTES;
  if (body < 2) return undefined;
  const tail = line.toString('latin1', body);
  if (!tail.startsWith(',"crc":"') || !tail.endsWith('"}')) return undefined;
  const sum = crc32(line.subarray(0, body)).toString(16).padStart(8, '0');
  if (tail.slice(8, 16) !== sum) return undefined;
  try {
    const record = JSON.parse(`${line.toString('utf8', 0, body)}}`) as JournalLine;
    return isSound(record) ? record : undefined;
  } catch {
    return undefined; // the caller counts it
  }
}
