import type { JournalFiles } from './journal-files';
import { type Position, segmentPath } from './segment-files';

const NOTHING = Buffer.alloc(0);

/**
 * Writes bytes at the end of the newest segment, each byte once whatever fails: what a write did not take is
 * kept and continued from exactly there, since a record that was begun may have a reader already.
 */
export class SegmentWriter {
  /** The newest segment; undefined before the first one could be made. */
  file: number | undefined;
  /** When the newest segment was opened. */
  openedAt = 0;

  private offset = 0;
  private unwritten: Buffer = NOTHING;
  /** Segments that are complete but may not be on the disk yet. */
  private finished: number[] = [];

  constructor(
    private readonly directory: string,
    private segment: number,
    private readonly files: JournalFiles,
  ) {}

  get nextSegment(): number {
    return this.segment + 1;
  }

  get position(): Position {
    return { segment: this.segment, offset: this.offset };
  }

  /** Goes on in a new segment. Throws where it cannot be made; then nothing has changed. */
  open(header: (segment: number) => string, openedAt: number): void {
    const file = this.files.create(segmentPath(this.directory, this.nextSegment));
    if (this.file !== undefined) this.finished.push(this.file);
    this.file = file;
    this.segment += 1;
    this.offset = 0;
    this.openedAt = openedAt;
    this.write(Buffer.from(header(this.segment)));
  }

  /** Writes the first `length` bytes, after what an earlier call could not write; or throws and keeps a copy of the rest. */
  write(bytes: Buffer, length = bytes.length): void {
    if (this.unwritten.length === 0) this.put(bytes, length);
    else {
      this.unwritten = Buffer.concat([this.unwritten, bytes.subarray(0, length)]);
      this.finishWrite();
    }
  }

  /** Writes what an earlier call could not, likewise. */
  finishWrite(): void {
    const { unwritten } = this;
    this.unwritten = NOTHING;
    this.put(unwritten, unwritten.length);
  }

  private put(bytes: Buffer, length: number): void {
    let done = 0;
    try {
      if (this.file === undefined) throw new Error('no segment is open');
      while (done < length) {
        const taken = this.files.write(this.file, bytes, done, length, this.offset);
        this.offset += taken;
        done += taken;
      }
    } catch (error) {
      this.unwritten = Buffer.from(bytes.subarray(done, length));
      throw error;
    }
  }

  /** Hands over the segments that wait to be synced and closed. */
  takeFinished(): number[] {
    const { finished } = this;
    this.finished = [];
    return finished;
  }

  close(): void {
    if (this.file !== undefined) this.files.close(this.file);
    this.file = undefined;
  }
}
