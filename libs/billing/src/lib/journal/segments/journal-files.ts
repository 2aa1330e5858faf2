import {
  closeSync,
  constants,
  fdatasync,
  fsync,
  open,
  openSync,
  writeSync,
  close as closeFile,
} from 'node:fs';

/** What the journal asks of a disk while it runs: few calls, so that a failing disk can be played in tests. */
export interface JournalFiles {
  /** Makes a file that must not exist yet and opens it for writing. Throws. */
  create(path: string): number;
  /** Writes `bytes[from..to)` at `position` and returns how many bytes were taken, at least one. Throws. */
  write(file: number, bytes: Buffer, from: number, to: number, position: number): number;
  /** Calls back once what was written is on the disk. */
  sync(file: number, done: (error: Error | null) => void): void;
  /** Calls back once the names in the directory are on the disk. */
  syncDirectory(path: string, done: (error: Error | null) => void): void;
  close(file: number): void;
}

export const nodeFiles: JournalFiles = {
  create: (path) => openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o640),
  write: (file, bytes, from, to, position) => writeSync(file, bytes, from, to - from, position),
  sync: (file, done) => fdatasync(file, done),
  syncDirectory: (path, done) => {
    open(path, 'r', (error, directory) => {
      if (error) {
        done(error);
        return;
      }
      fsync(directory, (failed) => closeFile(directory, () => done(failed)));
    });
  },
  close: (file) => closeSync(file),
};
