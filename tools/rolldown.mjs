import { defineConfig } from 'rolldown';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

/**
 * The build of one app: its entries and the libs of this workspace become files under
 * `dist/apps/<name>`; npm packages stay outside and are resolved at run time.
 *
 * rolldown, because it emits the decorator metadata that Nest's injection needs.
 */
export function appBundle(name, entries = { main: 'main.ts' }) {
  const input = Object.fromEntries(
    Object.entries(entries).map(([entry, file]) => [entry, resolve(root, 'apps', name, 'src', file)]),
  );
  return defineConfig({
    input,
    platform: 'node',
    external: (id) => !/^[./]|^@mining-proxy\/|^@oxc-project\/runtime/.test(id),
    tsconfig: resolve(root, 'tsconfig.base.json'),
    output: {
      dir: resolve(root, 'dist/apps', name),
      format: 'cjs',
      entryFileNames: '[name].js',
      chunkFileNames: '[name]-[hash].js',
      sourcemap: true,
      cleanDir: true,
    },
  });
}
