import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { nx } from '../run.mjs';
import { leaveCounts } from '../test-counts.mjs';
import { canInstall } from './commands.mjs';

/**
 * Runs the checks of the deploy kit: every `*.check.mjs` in this directory, or those named on the command line
 * (`node tools/deploy/main.mjs docker systemd`), one after the other.
 *
 * A check is a module that exports `name`, `needs()`, which resolves to undefined or to a sentence that says why
 * it cannot run here, and may install what is missing, and `run(assert)`, which throws what is wrong.
 *
 * With CI=true a check that is skipped has failed wherever what it needs could have been installed.
 *
 * The programs are built first: a check of yesterday's would say nothing.
 */
const wanted = process.argv.slice(2);
const files = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.check.mjs'))
  .filter((file) => wanted.length === 0 || wanted.some((name) => file === `${name}.check.mjs`))
  .sort();

if ((await nx('run-many', '-t', 'build')) !== 0) process.exit(1);

const counts = { passed: 0, failed: 0, skipped: 0 };
for (const file of files) counts[await outcomeOf(file)] += 1;

leaveCounts({ suite: 'deploy', ...counts });
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
// A name that fits nothing must not look like success.
process.exitCode = counts.failed > 0 || files.length < Math.max(1, wanted.length) ? 1 : 0;

async function outcomeOf(file) {
  const started = performance.now();
  let name = file;
  try {
    const check = await import(resolve(import.meta.dirname, file));
    name = check.name;
    const missing = await check.needs();
    if (missing) {
      const isFault = process.env.CI === 'true' && canInstall();
      console.log(`${isFault ? 'FAILED, as it did not run' : 'skipped '} ${name}: ${missing}`);
      return isFault ? 'failed' : 'skipped';
    }
    await check.run(assert);
    console.log(`passed   ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
    return 'passed';
  } catch (error) {
    console.log(`FAILED   ${name}: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
    return 'failed';
  }
}
