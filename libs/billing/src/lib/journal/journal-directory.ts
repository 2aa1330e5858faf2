import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  fstatSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { decodeRecord } from './records/record-codec';
import { JOURNAL_FORMAT, type SegmentHeader } from './records/record';
import { SessionNames } from './records/session-names';
import { listSegments, type SegmentFile } from './segments/segment-files';
import { openSegment, type SegmentBytes } from './segments/segment-bytes';

const IDENTITY = 'journal.json';

/** The journal in this directory cannot be continued, and why. */
export class JournalUnusableError extends Error {
  readonly code = 'JOURNAL_UNUSABLE';
}

/** A journal that is ready for a new run. */
export interface PreparedDirectory {
  readonly directory: string;
  readonly journalId: string;
  /** The highest number that a segment has; 0 in a new directory. */
  readonly lastSegment: number;
  /** Bytes of a record that the last process did not finish. */
  readonly cutBytes: number;
}

/**
 * Makes the directory ready for a new run: gives it its id when it is first used, cuts the torn end of the
 * last segment, and puts what is there on the disk, so that it may be folded. The caller holds the lock.
 */
export function prepareJournalDirectory(directory: string): PreparedDirectory {
  mkdirSync(directory, { recursive: true, mode: 0o750 });
  const segments = listSegments(directory);
  const journalId = readIdentity(directory, segments) ?? newIdentity(directory);
  const last = segments.at(-1);
  const cutBytes = last && !last.compressed ? cutTornTail(last.path) : 0;
  return { directory, journalId, lastSegment: last?.segment ?? 0, cutBytes };
}

/** The first line of a segment; undefined where it is damaged. */
export function readHeader(file: SegmentFile): SegmentHeader | undefined {
  const bytes = openSegment(file);
  try {
    return headerIn(bytes, file);
  } finally {
    bytes.close();
  }
}

/** The first line of a segment that is open; undefined where it is damaged. */
export function headerIn(bytes: SegmentBytes, { path }: SegmentFile): SegmentHeader | undefined {
  const start = bytes.read(0, 4096);
  const end = start.indexOf(0x0a);
  const record = end === -1 ? undefined : decodeRecord(start, 0, end, new SessionNames());
  if (record?.kind !== 'segment') return undefined;
  if (record.format > JOURNAL_FORMAT) {
    throw new JournalUnusableError(`${path} was written by a later version of this program`);
  }
  return record;
}

/** The id of the journal in a directory that may have none yet. */
export function readIdentity(directory: string, segments: readonly SegmentFile[]): string | undefined {
  const stored = storedIdentity(join(directory, IDENTITY));
  const headers = segments.slice(-2).map(readHeader);
  const written = headers.findLast((header) => header !== undefined)?.journal_id;
  if (stored !== undefined && written !== undefined && stored !== written) {
    throw new JournalUnusableError(
      `${directory} says it is journal ${stored}, but its segments belong to ${written}: two journals were mixed`,
    );
  }
  return stored ?? written;
}

function storedIdentity(path: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const id = /"journal_id":\s*"([0-9a-f-]{36})"/.exec(text)?.[1];
  if (id === undefined) throw new JournalUnusableError(`${path} does not name a journal`);
  return id;
}

function newIdentity(directory: string): string {
  const journalId = randomUUID();
  const path = join(directory, IDENTITY);
  const text = `${JSON.stringify({ format: JOURNAL_FORMAT, journal_id: journalId })}\n`;
  writeFileSync(`${path}.new`, text, { flush: true, mode: 0o640 });
  renameSync(`${path}.new`, path);
  syncNow(directory);
  return journalId;
}

/** Cuts what follows the last LF, and returns how much that was. */
function cutTornTail(path: string): number {
  const file = openSync(path, 'r+');
  try {
    const size = fstatSync(file).size;
    const end = endOfLastLine(file, size);
    if (end < size) ftruncateSync(file, end);
    fsyncSync(file);
    return size - end;
  } finally {
    closeSync(file);
  }
}

function endOfLastLine(file: number, size: number): number {
  const block = Buffer.alloc(65_536);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - block.length);
    const read = readSync(file, block, 0, end - start, start);
    const lineEnd = block.subarray(0, read).lastIndexOf(0x0a);
    if (lineEnd !== -1) return start + lineEnd + 1;
    end = start;
  }
  return 0;
}

function syncNow(directory: string): void {
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
