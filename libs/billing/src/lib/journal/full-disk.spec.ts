import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../ledger/testing/write-journal';
import { openJournal } from './open-journal';
import { client, open, share } from './testing/facts';
import { readJournal } from './testing/read-journal';

/** A file system of 256 KiB, where this process may make one. */
function mountSmallDisk(path: string): boolean {
  mkdirSync(path, { recursive: true });
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', path], {
    stdio: 'ignore',
  });
  return status === 0;
}

const directory = temporaryDirectory();
const disk = join(directory.path, 'disk');
const mounted = mountSmallDisk(disk);
if (!mounted) directory.remove();

(mounted ? describe : describe.skip)('a journal on a disk that is really full', () => {
  afterAll(() => {
    spawnSync('umount', [disk]);
    directory.remove();
  });

  it('has every share once when there is room again', async () => {
    const filler = join(disk, 'filler');
    writeFileSync(filler, Buffer.alloc(128 * 1024));
    const { journal, directory: path, lock } = openJournal(join(disk, 'data'));
    journal.start();
    journal.append(open('s1'));
    journal.append(client('s1'));
    let shares = 0;
    // Well beyond what fits.
    for (; shares < 3_000; shares += 1) {
      journal.append(share('s1'));
      if (shares % 7 === 0) journal.flush();
    }
    expect(journal.fault?.error).toMatch(/ENOSPC/);
    expect(journal.fault?.waiting).toBe(1);
    rmSync(filler);
    await journal.close();
    lock.release();
    expect(journal.fault).toBeUndefined();
    const records = readJournal(path);
    const written = records.filter((record) => record?.kind === 'share').length;
    const summed = records.map((record) => (record?.kind === 'sums' ? Number(record.numbers.accepted) : 0));
    expect(written).toBeGreaterThan(100);
    expect(written + summed.reduce((sum, count) => sum + count, 0)).toBe(shares);
    expect(records).not.toContain(undefined);
  });
});
