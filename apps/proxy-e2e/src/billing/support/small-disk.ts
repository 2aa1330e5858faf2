import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, rmdirSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why no file system can be mounted here; undefined where one can. */
export function mountMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may mount a file system';
  const directory = mkdtempSync(join(tmpdir(), 'billing-mount-'));
  try {
    const fault = run('mount', '-t', 'tmpfs', 'tmpfs', directory);
    if (fault === undefined) run('umount', directory);
    return fault;
  } finally {
    rmdirSync(directory);
  }
}

/** A file system of a few megabytes, which can be filled to its last byte. */
export class SmallDisk {
  private constructor(readonly directory: string) {}

  /** Mounts it on an existing, empty directory. */
  static mount(directory: string, megabytes: number): SmallDisk {
    must('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', directory);
    return new SmallDisk(directory);
  }

  fill(): void {
    const file = openSync(this.filler, 'w');
    try {
      for (let size = 1024 * 1024; size >= 1; size = Math.floor(size / 2)) fillWith(file, Buffer.alloc(size));
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.filler);
  }

  /** Only while no file on it is open for writing. */
  makeReadOnly(): void {
    must('mount', '-o', 'remount,ro', this.directory);
  }

  unmount(): void {
    must('umount', this.directory);
  }

  private get filler(): string {
    return join(this.directory, 'filler');
  }
}

function fillWith(file: number, bytes: Buffer): void {
  for (;;) {
    try {
      writeSync(file, bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}

function must(command: string, ...parameters: readonly string[]): void {
  const fault = run(command, ...parameters);
  if (fault !== undefined) throw new Error(fault);
}

/** What the command says where it fails. */
function run(command: string, ...parameters: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(command, parameters, { encoding: 'utf8' });
  return status === 0 ? undefined : `${command} fails: ${error?.message ?? stderr.trim()}`;
}
