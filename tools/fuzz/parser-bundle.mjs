import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const root = resolve(import.meta.dirname, '../..');
const lib = resolve(root, 'libs/stratum-parser/src');

/** The parser and its testing door as they stand in the working tree, bundled and imported. */
export async function loadParser() {
  const build = await rolldown({
    input: { parser: resolve(lib, 'index.ts'), testing: resolve(lib, 'testing/index.ts') },
    platform: 'node',
    tsconfig: resolve(root, 'tsconfig.base.json'),
    // The recorded cases are found beside their loader, not beside the bundle.
    transform: { define: { __dirname: JSON.stringify(resolve(lib, 'testing')) } },
  });
  const { output } = await build.write({
    dir: resolve(root, 'tmp/parser'),
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
    cleanDir: true,
  });
  await build.close();
  const [parser, testing] = ['parser.mjs', 'testing.mjs'].map((name) => {
    if (!output.some(({ fileName }) => fileName === name)) throw new Error(`${name} was not built`);
    return import(pathToFileURL(resolve(root, 'tmp/parser', name)).href);
  });
  return { ...(await parser), ...(await testing) };
}
