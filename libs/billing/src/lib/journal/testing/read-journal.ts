import { JournalReader } from '../journal-reader';
import type { JournalLine } from '../records/record';

/** All records of a journal; undefined for each damaged line. */
export function readJournal(directory: string): (JournalLine | undefined)[] {
  const reader = new JournalReader(directory);
  const end = reader.end();
  const lines = end ? [...reader.lines({ segment: 0, offset: 0 }, end)] : [];
  reader.close();
  return lines.map(({ record }) => record);
}

export function kindsIn(directory: string): string[] {
  return readJournal(directory).map((record) => record?.kind ?? 'damaged');
}
