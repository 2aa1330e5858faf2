import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { nx, root } from './run.mjs';

/**
 * Every check there is: format, lint, types, build, unit tests, end to end. Stops at the first step that
 * fails, and ends with the tests of all suites added up.
 */
const STEPS = [
  ['run-many', '-t', 'format-check', 'docs-check'],
  ['run-many', '-t', 'lint', 'typecheck'],
  ['run-many', '-t', 'build', 'test'],
  ['run', 'proxy-e2e:e2e'],
];

const counts = resolve(root, 'tmp/tests');
rmSync(counts, { recursive: true, force: true });
let failedStep;
for (const step of STEPS) {
  if ((await nx(...step)) !== 0) {
    failedStep = step.join(' ');
    break;
  }
}
report();

function report() {
  const files = existsSync(counts) ? readdirSync(counts) : [];
  const suites = files.map((file) => JSON.parse(readFileSync(resolve(counts, file), 'utf8')));
  const sum = (key) => suites.reduce((total, suite) => total + suite[key], 0);
  const passed = sum('passed');
  // A step that fails without a failing test (lint, for one) is a failure all the same.
  const failed = sum('failed') || (failedStep ? 1 : 0);
  const skipped = sum('skipped');
  if (failedStep) console.error(`\nfailed at: nx ${failedStep}`);
  console.log(`\n${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
  process.exitCode = failedStep || failed ? 1 : 0;
}
