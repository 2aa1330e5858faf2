import { JournalUnusableError, readHeader } from './journal-directory';
import { type Position, listSegments, type SegmentFile } from './segments/segment-files';
import { decodeRecord } from './records/record-codec';
import type { JournalLine } from './records/record';
import { JOURNAL_FORMAT, type SegmentHeader } from './records/record';
import { openSegment, type SegmentBytes } from './segments/segment-bytes';

const BLOCK_BYTES = 256 * 1024;
/** No record is longer; what is, is damage. */
const MAX_LINE_BYTES = 1024 * 1024;

/** One line of the journal, and the place behind it. `record` is undefined where the line is damaged. */
export interface ReadLine {
  readonly record: JournalLine | undefined;
  readonly end: Position;
}

/** Reads the journal of a directory in order, while somebody else may be writing at its end. */
export class JournalReader {
  private open: { readonly file: SegmentFile; readonly bytes: SegmentBytes } | undefined;

  constructor(readonly directory: string) {}

  segments(): SegmentFile[] {
    return listSegments(this.directory);
  }

  /** The header of a segment; undefined where there is none of this number, or it is damaged. */
  header(segment: number): SegmentHeader | undefined {
    const file = this.segments().find((found) => found.segment === segment);
    return file && readHeader(file);
  }

  /** The end of all that is there. Undefined in an empty directory. */
  end(): Position | undefined {
    const last = this.segments().at(-1);
    return last && { segment: last.segment, offset: this.sizeOf(last) };
  }

  sizeOf(file: SegmentFile): number {
    return this.bytesOf(file).size;
  }

  /**
   * The lines from a position up to `until`, which is the end of a line. A line that is not finished is left for
   * later in the last segment and damaged in any other.
   */
  *lines(from: Position, until: Position): Generator<ReadLine> {
    for (const file of this.segments()) {
      const { segment } = file;
      if (segment < from.segment || segment > until.segment) continue;
      const start = segment === from.segment ? from.offset : 0;
      const size = this.sizeOf(file);
      const isLast = segment === until.segment;
      yield* this.linesOf(file, start, isLast ? Math.min(size, until.offset) : size, !isLast);
    }
  }

  close(): void {
    this.open?.bytes.close();
    this.open = undefined;
  }

  private *linesOf(file: SegmentFile, from: number, to: number, complete: boolean): Generator<ReadLine> {
    const { segment } = file;
    let offset = from;
    let length = BLOCK_BYTES;
    while (offset < to) {
      const block = this.bytesOf(file).read(offset, Math.min(length, to - offset));
      let start = 0;
      for (let lf = block.indexOf(0x0a); lf !== -1; lf = block.indexOf(0x0a, start)) {
        const record = known(decodeRecord(block.subarray(start, lf)), file);
        start = lf + 1;
        yield { record, end: { segment, offset: offset + start } };
      }
      offset += start;
      const rest = block.length - start;
      if (start > 0) length = BLOCK_BYTES;
      else if (offset + rest < to && rest < MAX_LINE_BYTES) length *= 4;
      else {
        // No LF up to the end, or none for too long.
        if (offset + rest >= to && !complete) return;
        offset += rest;
        yield { record: undefined, end: { segment, offset } };
      }
    }
  }

  /** A segment that is read once is read on: its bytes stay open, or unpacked. */
  private bytesOf(file: SegmentFile): SegmentBytes {
    if (this.open?.file.path !== file.path) {
      this.close();
      this.open = { file, bytes: openSegment(file) };
    }
    return this.open.bytes;
  }
}

function known(record: JournalLine | undefined, file: SegmentFile): JournalLine | undefined {
  if (record?.kind === 'segment' && record.format > JOURNAL_FORMAT) {
    throw new JournalUnusableError(`${file.path} was written by a later version of this program`);
  }
  return record;
}
