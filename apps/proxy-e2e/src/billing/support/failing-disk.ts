import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const MEGABYTES = 64;

/** Why no disk can be made to fail here; undefined where one can. */
export function failingDiskMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may mount a file system';
  const directory = mkdtempSync(join(tmpdir(), 'billing-mount-'));
  try {
    const disk = FailingDisk.mount(directory);
    const can = existsSync(disk.trigger);
    disk.remove();
    return can ? undefined : 'this kernel lets nobody play a fault of ext4';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A file system that turns read-only under those who write to it, as one does whose disk begins to fail. */
export class FailingDisk {
  private constructor(
    readonly directory: string,
    private readonly image: string,
    readonly trigger: string,
  ) {}

  /** Mounts it on an existing, empty directory. */
  static mount(directory: string): FailingDisk {
    const image = `${directory}.img`;
    const file = openSync(image, 'w');
    ftruncateSync(file, MEGABYTES * 1024 * 1024);
    closeSync(file);
    must('mkfs.ext4', '-q', '-F', image);
    return new FailingDisk(directory, image, triggerOf(mountImage(image, directory)));
  }

  turnReadOnly(): void {
    writeFileSync(this.trigger, 'played');
  }

  /** What an operator does about it, once nobody uses it: check, mend, mount. */
  mend(): void {
    must('umount', this.directory);
    // 1: faults were found and mended.
    spawnSync('fsck.ext4', ['-f', '-y', this.image]);
    mountImage(this.image, this.directory);
  }

  remove(): void {
    must('umount', this.directory);
    rmSync(this.image);
  }
}

/** Returns the device that it is mounted from. */
function mountImage(image: string, directory: string): string {
  must('mount', '-o', 'loop,errors=remount-ro', image, directory);
  return must('findmnt', '--noheadings', '--output', 'SOURCE', directory).trim();
}

function triggerOf(device: string): string {
  return `/sys/fs/ext4/${basename(device)}/trigger_fs_error`;
}

/** What the command prints; throws what it says where it fails. */
function must(command: string, ...parameters: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, parameters, { encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${command} fails: ${error?.message ?? stderr.trim()}`);
}
