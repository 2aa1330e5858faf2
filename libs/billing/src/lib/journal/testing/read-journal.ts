import { JournalReader } from '../journal-reader';
import type { JournalLine, ReadRecord } from '../records/record';
import { shareOf } from '../records/usual-share';

/** All records of a journal; undefined for each damaged line. */
export function readJournal(directory: string): (JournalLine | undefined)[] {
  const reader = new JournalReader(directory);
  const end = reader.end();
  const { records } = end ? reader.read({ segment: 0, offset: 0 }, end, Infinity) : { records: [] };
  reader.close();
  return records.map(plain);
}

/** A record as any other of its kind, however it was read. */
export function plain(record: ReadRecord | undefined): JournalLine | undefined {
  return record?.kind === 'usual' ? shareOf(record) : record;
}

export function kindsIn(directory: string): string[] {
  return readJournal(directory).map((record) => record?.kind ?? 'damaged');
}
