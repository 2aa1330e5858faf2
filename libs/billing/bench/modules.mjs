import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const root = resolve(import.meta.dirname, '../../..');

/** The checkouts that are measured: this one, and `before` where there is one. */
export function checkoutsWith(before) {
  const now = { name: 'now', path: root };
  return before ? [now, { name: 'before', path: resolve(before) }] : [now];
}

/**
 * Modules of billing as a checkout has them, by their keys in `sources`, which has paths below `libs/billing/src`; those that it
 * does not have are left out. `kind` is theirs alone: the folder that they are built into.
 */
export async function modulesOf({ name, path }, kind, sources) {
  const src = resolve(path, 'libs/billing/src');
  const there = Object.entries(sources).filter(([, source]) => existsSync(resolve(src, source)));
  const build = await rolldown({
    input: Object.fromEntries(there.map(([key, source]) => [key, resolve(src, source)])),
    platform: 'node',
    tsconfig: resolve(path, 'tsconfig.base.json'),
    external: /^(?!@mining-proxy\/|[./])/,
  });
  const dir = resolve(root, 'tmp', kind, name);
  mkdirSync(dir, { recursive: true });
  await build.write({
    dir,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
  });
  await build.close();
  const modules = {};
  for (const [key] of there) modules[key] = await import(pathToFileURL(resolve(dir, `${key}.mjs`)).href);
  return modules;
}
