import type { JournalFiles } from './journal-files';
import { comparePositions, type Position } from './segment-files';

/** Puts segments on the disk, one round at a time. */
export class SegmentSync {
  /** Rounds that failed. */
  errors = 0;

  private round = Promise.resolve(false);
  private rounds = 0;
  private finished: number[] = [];
  private directoryDirty = true;
  private synced: Position = { segment: 0, offset: 0 };

  constructor(
    private readonly directory: string,
    private readonly files: JournalFiles,
  ) {}

  /** A segment was made: its name has to reach the disk as well. */
  directoryChanged(): void {
    this.directoryDirty = true;
  }

  /**
   * Syncs `file` up to `position`, the finished segments before it, which it then closes, and the directory.
   * Returns whether all of it is on the disk now and was not before. Waits for a round that is under way.
   */
  async sync(file: number, finished: readonly number[], position: Position): Promise<boolean> {
    this.finished.push(...finished);
    const round = this.round.then(() => this.run(file, position));
    this.rounds += 1;
    this.round = round;
    try {
      return await round;
    } finally {
      this.rounds -= 1;
    }
  }

  get busy(): boolean {
    return this.rounds > 0;
  }

  private async run(file: number, position: Position): Promise<boolean> {
    if (comparePositions(position, this.synced) <= 0) return false;
    try {
      // The older first: a later record must not be safe before an earlier one.
      for (let old = this.finished[0]; old !== undefined; old = this.finished[0]) {
        await this.one(old);
        this.files.close(old);
        this.finished.shift();
      }
      await this.one(file);
      if (this.directoryDirty) await this.names();
    } catch {
      this.errors += 1;
      return false;
    }
    this.synced = position;
    return true;
  }

  private one(file: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.files.sync(file, (error) => (error ? reject(error) : resolve()));
    });
  }

  private async names(): Promise<void> {
    this.directoryDirty = false;
    try {
      await new Promise<void>((resolve, reject) => {
        this.files.syncDirectory(this.directory, (error) => (error ? reject(error) : resolve()));
      });
    } catch (error) {
      this.directoryDirty = true;
      throw error;
    }
  }
}
