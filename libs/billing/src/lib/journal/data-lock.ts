import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';

/** Another process owns the data directory. */
export class DataDirectoryInUseError extends Error {
  readonly code = 'DATA_DIRECTORY_IN_USE';

  constructor(readonly directory: string) {
    super(`${directory} is in use by another process; every proxy needs a data_dir of its own`);
  }
}

/** A data directory that belongs to this process until it releases it or ends. */
export interface DataLock {
  release(): void;
}

/**
 * Takes the data directory for this process. Throws `DataDirectoryInUseError`.
 *
 * Node knows no file locks. SQLite does: a transaction that stays open holds a lock of the kernel's, which is
 * gone with the process however it dies. Nothing else may open this file: a process loses its POSIX locks
 * on a file when it closes any descriptor of it.
 */
export function lockDataDirectory(directory: string): DataLock {
  mkdirSync(directory, { recursive: true, mode: 0o750 });
  // The database's own word for a directory that it may not write to is a number.
  accessSync(directory, constants.W_OK | constants.X_OK);
  const database = new Database(join(directory, 'lock.db'), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { code?: string }).code === 'SQLITE_BUSY') throw new DataDirectoryInUseError(directory);
    throw error;
  }
  return { release: () => void database.close() };
}
