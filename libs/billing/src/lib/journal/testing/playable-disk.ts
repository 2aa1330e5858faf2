import { nodeFiles, type JournalFiles } from '../segments/journal-files';

/** A disk over real files that can be told to fail. */
export class PlayableDisk implements JournalFiles {
  /** Bytes that may still be written; then `ENOSPC`, as a full disk says it: a short write first. */
  room = Infinity;
  failSyncs = false;
  failCreates = false;
  writes = 0;
  syncs = 0;

  create(path: string): number {
    if (this.failCreates) throw failure('EROFS');
    return nodeFiles.create(path);
  }

  write(file: number, bytes: Buffer, from: number, to: number, position: number): number {
    this.writes += 1;
    if (this.room <= 0) throw failure('ENOSPC');
    const taken = nodeFiles.write(file, bytes, from, Math.min(to, from + this.room), position);
    this.room -= taken;
    return taken;
  }

  sync(file: number, done: (error: Error | null) => void): void {
    this.syncs += 1;
    if (this.failSyncs) setImmediate(() => done(failure('EIO')));
    else nodeFiles.sync(file, done);
  }

  syncDirectory(path: string, done: (error: Error | null) => void): void {
    nodeFiles.syncDirectory(path, done);
  }

  close(file: number): void {
    nodeFiles.close(file);
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: played`), { code });
}
