import { join } from 'node:path';
import { lockDataDirectory, type DataLock } from './data-lock';
import { Journal, type JournalOptions } from './journal';
import { prepareJournalDirectory } from './journal-directory';
import { nodeFiles, type JournalFiles } from './segments/journal-files';

/** A journal that this process owns. */
export interface OpenJournal {
  readonly journal: Journal;
  /** Where its segments are. */
  readonly directory: string;
  /** Bytes of an unfinished record that the last process left and that were cut. */
  readonly cutBytes: number;
  /** Released by whoever opened it, after the journal was closed. */
  readonly lock: DataLock;
}

export function journalDirectory(dataDirectory: string): string {
  return join(dataDirectory, 'journal');
}

/**
 * Takes the data directory for this process and makes its journal ready; `journal.start` begins to write. Throws
 * `DataDirectoryInUseError`, `JournalUnusableError`, or what the disk says.
 */
export function openJournal(
  dataDirectory: string,
  options: JournalOptions = {},
  files: JournalFiles = nodeFiles,
): OpenJournal {
  const lock = lockDataDirectory(dataDirectory);
  try {
    const directory = journalDirectory(dataDirectory);
    const prepared = prepareJournalDirectory(directory);
    const { cutBytes } = prepared;
    return { journal: new Journal(prepared, files, options), directory, cutBytes, lock };
  } catch (error) {
    lock.release();
    throw error;
  }
}
