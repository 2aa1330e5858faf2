import {
  createReadStream,
  createWriteStream,
  openSync,
  fsyncSync,
  closeSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { listSegments, type SegmentFile } from './segments/segment-files';

const DAY_MS = 86_400_000;
/** Whoever waits for this has to fold, too. */
const AT_A_TIME = 4;

/**
 * How long folded segments are kept, and how large the whole journal may be before the oldest of them are
 * removed.
 */
export interface CareOptions {
  readonly retentionDays: number;
  readonly maxBytes: number;
}

/** What the journal takes up on the disk. */
export interface JournalSize {
  readonly bytes: number;
  /** Of segments that are not folded whole: these are never removed. */
  readonly unfoldedBytes: number;
}

/**
 * Looks after segments that are folded whole: compresses them, and removes those that are too old or too many.
 * One that is not folded is never touched.
 */
export class JournalCare {
  constructor(
    private readonly directory: string,
    private readonly options: CareOptions,
  ) {}

  /** Does what there is to do; `foldedSegment` is the one that the ledger's position is in. */
  async tidy(foldedSegment: number, now: number): Promise<JournalSize> {
    const isFolded = ({ segment }: SegmentFile) => segment < foldedSegment;
    const waiting = listSegments(this.directory).filter((file) => isFolded(file) && !file.compressed);
    for (const file of waiting.slice(0, AT_A_TIME)) await compress(file);
    return this.removeSome(listSegments(this.directory), isFolded, now);
  }

  /** How large the journal is, without touching it. */
  size(foldedSegment: number): JournalSize {
    let bytes = 0;
    let unfoldedBytes = 0;
    for (const { path, segment } of listSegments(this.directory)) {
      const { size } = statSync(path);
      bytes += size;
      if (segment >= foldedSegment) unfoldedBytes += size;
    }
    return { bytes, unfoldedBytes };
  }

  private removeSome(
    files: readonly SegmentFile[],
    isFolded: (file: SegmentFile) => boolean,
    now: number,
  ): JournalSize {
    const sized = files.map((file) => ({ file, stat: statSync(file.path) }));
    let bytes = sized.reduce((sum, { stat }) => sum + stat.size, 0);
    let unfoldedBytes = 0;
    const oldest = now - this.options.retentionDays * DAY_MS;
    for (const { file, stat } of sized) {
      const { size, mtimeMs } = stat;
      if (!isFolded(file)) {
        unfoldedBytes += size;
        continue;
      }
      if (mtimeMs >= oldest && bytes <= this.options.maxBytes) continue;
      rmSync(file.path, { force: true });
      bytes -= size;
    }
    return { bytes, unfoldedBytes };
  }
}

/** The compressed file is complete and on the disk before the original goes. */
async function compress({ path }: SegmentFile): Promise<void> {
  const target = `${path}.gz`;
  const unfinished = `${target}.new`;
  try {
    const { atime, mtime } = statSync(path);
    await pipeline(createReadStream(path), createGzip(), createWriteStream(unfinished, { mode: 0o640 }));
    // Its age is that of its last record.
    utimesSync(unfinished, atime, mtime);
    const file = openSync(unfinished, 'r');
    fsyncSync(file);
    closeSync(file);
    renameSync(unfinished, target);
  } catch (error) {
    // On a full disk these bytes are what the journal itself needs.
    rmSync(unfinished, { force: true });
    throw error;
  }
  rmSync(path);
}
