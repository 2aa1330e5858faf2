import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import prettier from 'prettier';
import { rolldown } from 'rolldown';

/**
 * Writes the table of configuration keys from what libs/config declares.
 *
 *   node tools/config-table.mjs                    prints it
 *   node tools/config-table.mjs --write [file]     puts it between the markers of the file (README.md)
 *   node tools/config-table.mjs --check [file]     fails when the file has another one
 */
const BEGIN = '<!-- config:begin -->';
const END = '<!-- config:end -->';
const root = resolve(import.meta.dirname, '..');

const { values, positionals } = parseArgs({
  options: { write: { type: 'boolean' }, check: { type: 'boolean' } },
  allowPositionals: true,
});
const file = resolve(positionals[0] ?? resolve(root, 'README.md'));
const table = await formatted(tableOf(await describeConfig()));

if (!values.write && !values.check) {
  process.stdout.write(table);
} else {
  const text = readFileSync(file, 'utf8');
  const updated = withTable(text);
  if (updated === undefined) fail(`${file} has no ${BEGIN} … ${END}`);
  else if (values.write) writeFileSync(file, updated);
  else if (updated !== text) fail(`${file} is behind libs/config: run node tools/config-table.mjs --write`);
}

/** The libs are TypeScript with decorators, which Node does not run: they are bundled first. */
async function describeConfig() {
  const bundle = await rolldown({
    input: resolve(root, 'libs/config/src/index.ts'),
    platform: 'node',
    external: (id) => !/^[./]|^@mining-proxy\/|^@oxc-project\/runtime\//.test(id),
    tsconfig: resolve(root, 'tsconfig.base.json'),
  });
  const output = resolve(root, 'tmp/config-table.cjs');
  await bundle.write({ file: output, format: 'cjs' });
  await bundle.close();
  return (await import(pathToFileURL(output).href)).default.describeConfig();
}

function tableOf(settings) {
  const rows = settings.map((setting) => [
    `\`${setting.key}\``,
    setting.default === 'required' ? setting.default : `\`${setting.default}\``,
    setting.environment === undefined ? '' : `\`${setting.environment}\``,
    setting.reload ? '' : 'restart',
    setting.description,
  ]);
  const head = ['key', 'default', 'environment', 'change', 'what it is'];
  return [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`)
    .join('');
}

/** As the workspace's formatter would leave it, so that the two checks agree. */
async function formatted(markdown) {
  return prettier.format(markdown, { ...(await prettier.resolveConfig(file)), parser: 'markdown' });
}

function withTable(text) {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) return undefined;
  return `${text.slice(0, begin + BEGIN.length)}\n\n${table}\n${text.slice(end)}`;
}

function fail(message) {
  console.error(message);
  process.exitCode = 1;
}
