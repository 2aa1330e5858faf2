import { crc32 } from 'node:zlib';
import { NO_SUM, digitsOf, hasDigits, sumBytes } from './checksum';
import type { JournalLine, ReadRecord } from './record';
import type { SessionNames } from './session-names';
import { toldHashes } from './share-work';
import { isSound } from './sound-record';
import { readUsualShare } from './usual-share';

/** What ends a line, but for its checksum's digits: `,"crc":"01234567"}` */
const BEFORE_DIGITS = Buffer.from(',"crc":"');
const AFTER_DIGITS = Buffer.from('"}');
const TAIL_BYTES = 18;

/** The record as one line that says all, LF included. The checksum is that of all bytes before its own member. */
export function encodeRecord(record: JournalLine): string {
  return sealed(JSON.stringify(record).slice(0, -1));
}

/** A JSON object without its closing brace as a line. */
export function sealed(text: string): string {
  return `${text},"crc":"${digitsOf(~crc32(text))}"}\n`;
}

/**
 * Reads the line from `start` up to its LF at `end`, of this format or an earlier one; undefined where it is damaged
 * or cannot be added up. `names` says, and learns, what the numbers of sessions stand for.
 */
export function decodeRecord(
  bytes: Buffer,
  start: number,
  end: number,
  names: SessionNames,
): ReadRecord | undefined {
  const body = end - TAIL_BYTES;
  if (body < start + 2) return undefined;
  if (!isAt(bytes, body, BEFORE_DIGITS) || !isAt(bytes, end - AFTER_DIGITS.length, AFTER_DIGITS))
    return undefined;
  const sum = sumBytes(NO_SUM, bytes, start, body);
  if (!hasDigits(sum, bytes, body + BEFORE_DIGITS.length)) return undefined;
  return readUsualShare(bytes, start, body, names) ?? readJson(bytes.toString('utf8', start, body), names);
}

/** Reads the text of a record without its checksum and its closing brace. */
export function readJson(text: string, names: SessionNames): JournalLine | undefined {
  try {
    const record = inFull(JSON.parse(`${text}}`) as Spelled, names);
    return record && isSound(record) ? record : undefined;
  } catch {
    return undefined; // the caller counts it
  }
}

/** A record as the line spells it. */
type Spelled = Partial<Record<string, unknown>>;

function inFull(spelled: Spelled, names: SessionNames): JournalLine | undefined {
  const { s: number, ...record } = spelled;
  if (number !== undefined) {
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) return undefined;
    if (typeof record.session === 'string') names.told(record.session, number);
    else record.session = names.idOf(number);
  }
  return (record.share === undefined ? record : shareInFull(record)) as JournalLine | undefined;
}

function shareInFull({ share: outcome, d: difficulty, ...record }: Spelled): Spelled | undefined {
  if (difficulty !== null && typeof difficulty !== 'string') return undefined;
  const { hashes = toldHashes(difficulty) } = record;
  return { kind: 'share', ...record, outcome, difficulty, hashes };
}

function isAt(bytes: Buffer, at: number, text: Buffer): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[at + index] !== text[index]) return false;
  }
  return true;
}
