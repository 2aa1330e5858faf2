import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const fromNx = createRequire(fileURLToPath(import.meta.resolve('nx/package.json')));

/** The YAML parser that Nx brings along: `parse` and `stringify` of one document, `parseAllDocuments` of many. */
export const YAML = fromNx('yaml');

/** The objects of a stream of manifests. */
export function parseManifests(text) {
  return YAML.parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS();
  });
}
