import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a program is to be started with to find these addresses under these names, in this order. */
export function foundNames(
  directory: string,
  names: Readonly<Record<string, readonly string[]>>,
): Readonly<Record<string, string>> {
  const file = join(directory, 'found-names.cjs');
  writeFileSync(
    file,
    `const dns = require('node:dns');
const names = ${JSON.stringify(names)};
const { lookup } = dns;
dns.lookup = (name, options, found) => {
  const addresses = names[name];
  if (!addresses) return lookup(name, options, found);
  process.nextTick(found, null, addresses.map((address) => ({ address, family: 4 })));
};
`,
  );
  return { NODE_OPTIONS: `--require=${file}` };
}
