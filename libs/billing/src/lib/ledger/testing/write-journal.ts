import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeRecord } from '../../journal/records/record-codec';
import { RecordEncoder } from '../../journal/records/record-encoder';
import { segmentPath, type Position } from '../../journal/segments/segment-files';
import { JOURNAL_FORMAT, type JournalRecord } from '../../journal/records/record';

export const JOURNAL_ID = '11111111-2222-4333-8444-555555555555';

export interface WrittenJournal {
  readonly directory: string;
  readonly end: Position;
}

/** Writes runs as segments, one for each run or, with `segmentRecords`, more; in the first format where that is asked for. */
export function writeJournal(
  directory: string,
  runs: readonly (readonly JournalRecord[])[],
  { segmentRecords = Infinity, journalId = JOURNAL_ID, format = JOURNAL_FORMAT } = {},
): WrittenJournal {
  mkdirSync(directory, { recursive: true });
  let segment = 0;
  let end: Position = { segment: 1, offset: 0 };
  for (const run of runs) {
    const first = segment + 1;
    const encoder = new RecordEncoder(() => segment);
    const encode = (record: JournalRecord) => (format === 1 ? encodeRecord(record) : encoder.record(record));
    for (let start = 0; start === 0 || start < run.length; start += segmentRecords) {
      segment += 1;
      const records = run.slice(start, start + segmentRecords);
      const at = records[0]?.at ?? 0;
      const header = {
        kind: 'segment',
        format,
        journal_id: journalId,
        segment,
        run: first,
        mark: `m${segment}`,
        ...(encoder.sessionPrefix === undefined ? {} : { sessions: encoder.sessionPrefix }),
        at,
      } as const;
      const text = encodeRecord(header) + records.map(encode).join('');
      writeFileSync(segmentPath(directory, segment), text);
      end = { segment, offset: Buffer.byteLength(text) };
    }
  }
  return { directory, end };
}

/** A directory for one test, removed by `remove`. */
export function temporaryDirectory(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'billing-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
