import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { attempt, root } from '../commands.mjs';
import { modelOf } from './schemas.mjs';

/**
 * Fields that the API does not have. The schemas let any pass, and so would a cluster that only warns; the models'
 * types do not, so the TypeScript compiler is asked, with each object as a literal. One line a fault.
 */
export function fieldsThatDoNotExist(objects) {
  const kinds = [...new Map(objects.map((object) => [modelOf(object), object.kind]))];
  const lines = [
    ...kinds.map(([model, kind], index) => `import type { I${kind} as T${index} } from '${model}';`),
    ...objects.map((object) => {
      const type = kinds.findIndex(([model]) => model === modelOf(object));
      return `(${JSON.stringify(object)}) satisfies T${type};`;
    }),
  ];
  const directory = resolve(root, 'tmp/kubernetes-fields');
  mkdirSync(directory, { recursive: true });
  try {
    const file = resolve(directory, 'manifests.ts');
    writeFileSync(file, `${lines.join('\n')}\n`);
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2022'];
    const compiler = resolve(root, 'node_modules/typescript/bin/tsc');
    const { status, stdout } = attempt(process.execPath, [compiler, ...options, file]);
    if (status === 0) return [];
    return stdout.split('\n').filter((line) => line.includes('error TS'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
