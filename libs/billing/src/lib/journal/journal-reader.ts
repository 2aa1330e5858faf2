import { headerIn, readHeader } from './journal-directory';
import { type Position, listSegments, type SegmentFile } from './segments/segment-files';
import { decodeRecord } from './records/record-codec';
import type { ReadRecord, SegmentHeader } from './records/record';
import { SessionNames } from './records/session-names';
import { openSegment, type SegmentBytes } from './segments/segment-bytes';

const BLOCK_BYTES = 256 * 1024;
/** No record is longer; what is, is damage. */
const MAX_LINE_BYTES = 1024 * 1024;

/** Some records of the journal, and the place behind the last of them. One is undefined where its line is damaged. */
export interface ReadRecords {
  readonly records: readonly (ReadRecord | undefined)[];
  /** Undefined where there was no line. */
  readonly end: Position | undefined;
}

/** A part of a segment. Where it is complete, nobody will finish its last line. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly complete: boolean;
}

/** Takes a line and the place behind it in its segment; returns whether it takes more. */
type Taker = (record: ReadRecord | undefined, offset: number) => boolean;

/** Reads the journal of a directory in order, while somebody else may be writing at its end. */
export class JournalReader {
  /** What numbers stand for in the segment that was read last. */
  private known:
    { readonly segment: number; readonly size: number; readonly names: SessionNames } | undefined;
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
   * At most `limit` records from a position up to `until`, which is the end of a line. A line that is not finished is
   * left for later in the last segment and damaged in any other. Throws `JournalUnusableError` where a segment is of a
   * later format.
   */
  read(from: Position, until: Position, limit: number): ReadRecords {
    const records: (ReadRecord | undefined)[] = [];
    let end: Position | undefined;
    for (const file of this.segments()) {
      const { segment } = file;
      if (segment < from.segment || segment > until.segment) continue;
      const start = segment === from.segment ? from.offset : 0;
      const size = this.sizeOf(file);
      const isLast = segment === until.segment;
      let last: number | undefined;
      const to = isLast ? Math.min(size, until.offset) : size;
      if (start >= to) continue;
      const part = { from: start, to, complete: !isLast };
      this.linesOf(file, part, this.namesIn(file), (record, offset) => {
        records.push(record);
        last = offset;
        return records.length < limit;
      });
      if (last !== undefined) end = { segment, offset: last };
      if (records.length >= limit) break;
    }
    return { records, end };
  }

  close(): void {
    this.open?.bytes.close();
    this.open = undefined;
  }

  private linesOf(file: SegmentFile, part: Part, names: SessionNames, take: Taker): void {
    const { from, to, complete } = part;
    let offset = from;
    let length = BLOCK_BYTES;
    while (offset < to) {
      const block = this.bytesOf(file).read(offset, Math.min(length, to - offset));
      let start = 0;
      for (let lf = block.indexOf(0x0a); lf !== -1; lf = block.indexOf(0x0a, start)) {
        const record = decodeRecord(block, start, lf, names);
        start = lf + 1;
        if (!take(record, offset + start)) return;
      }
      offset += start;
      const rest = block.length - start;
      if (start > 0) length = BLOCK_BYTES;
      else if (offset + rest < to && rest < MAX_LINE_BYTES) length *= 4;
      else {
        // No LF up to the end, or none for too long.
        if (offset + rest >= to && !complete) return;
        offset += rest;
        if (!take(undefined, offset)) return;
      }
    }
  }

  /**
   * What the numbers of sessions stand for in a segment: its header says it, or any `open` in it does. Where neither is
   * left it is a segment in which a run goes on: one that begins a run opens sessions before it says more of them.
   */
  private namesIn(file: SegmentFile): SessionNames {
    const { segment } = file;
    const size = this.sizeOf(file);
    // Where nothing has told the rest of an id, only what has been written since can.
    const isKnown = this.known?.names.prefix !== undefined || this.known?.size === size;
    if (this.known?.segment === segment && isKnown) return this.known.names;
    const header = headerIn(this.bytesOf(file), file);
    const names = new SessionNames(header?.sessions);
    if (names.prefix === undefined && header?.format !== 1) {
      const all = { from: 0, to: size, complete: false };
      this.linesOf(file, all, names, () => names.prefix === undefined);
    }
    if (names.prefix === undefined && header === undefined) names.prefix = this.prefixBefore(file);
    this.known = { segment, size, names };
    return names;
  }

  private prefixBefore({ segment }: SegmentFile): string | undefined {
    const before = this.segments().findLast((file) => file.segment < segment);
    return before && this.namesIn(before).prefix;
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
