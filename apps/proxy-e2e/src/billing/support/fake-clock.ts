import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Why no process can be given another time; undefined where one can. */
export function fakeClockMissing(): string | undefined {
  if (library() !== undefined) return undefined;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    spawnSync('apt-get', ['install', '-y', '-q', 'libfaketime'], { stdio: 'ignore' });
  }
  return library() === undefined ? 'libfaketime is not installed (apt-get install libfaketime)' : undefined;
}

/** The wall clock of a process, set at will while it runs. The clock that timers go by is left alone. */
export class FakeClock {
  private readonly file: string;

  constructor(directory: string) {
    this.file = join(directory, 'clock');
  }

  /** What the process is to be started with. */
  get env(): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: library() ?? '',
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DONT_RESET: '1',
    };
  }

  /** From now on it is `time` there, and goes on from then. */
  set(time: string): void {
    const seconds = (Date.parse(time) - Date.now()) / 1000;
    // In one step: the process reads the file whenever it looks at the clock.
    writeFileSync(`${this.file}.new`, `${seconds < 0 ? '' : '+'}${seconds.toFixed(3)}`);
    renameSync(`${this.file}.new`, this.file);
  }
}

/** The one for programs with threads. */
function library(): string | undefined {
  return ['/usr/lib', '/usr/lib64', ...multiarch()]
    .map((directory) => join(directory, 'faketime', 'libfaketimeMT.so.1'))
    .find((file) => existsSync(file));
}

function multiarch(): string[] {
  if (!existsSync('/usr/lib')) return [];
  return readdirSync('/usr/lib')
    .filter((name) => name.includes('-linux-'))
    .map((name) => join('/usr/lib', name));
}
