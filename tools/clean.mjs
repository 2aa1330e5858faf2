import { rmSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

/** Everything that a build or a test leaves behind. What was installed stays. */
for (const directory of ['dist', 'tmp', 'coverage', '.nx']) {
  rmSync(resolve(root, directory), { recursive: true, force: true });
}
