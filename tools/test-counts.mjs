import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './run.mjs';

/**
 * What the suites have left of themselves in tmp/tests (tools/jest-count-reporter.cjs, tools/deploy/main.mjs), added up.
 *
 * `node tools/test-counts.mjs <exit code>` prints it as one line for the run that ended with that code, and ends
 * with 1 where anything failed.
 */
const DIRECTORY = resolve(root, 'tmp/tests');

export function forgetCounts() {
  rmSync(DIRECTORY, { recursive: true, force: true });
}

export function leaveCounts(counts) {
  mkdirSync(DIRECTORY, { recursive: true });
  writeFileSync(resolve(DIRECTORY, `${counts.suite}.json`), `${JSON.stringify(counts)}\n`);
}

/** Prints `12 passed, 0 failed` as the last line, and sets the exit code. `hasFailed`: a step has, test or not. */
export function reportCounts(hasFailed) {
  const files = existsSync(DIRECTORY) ? readdirSync(DIRECTORY) : [];
  const suites = files.map((file) => JSON.parse(readFileSync(resolve(DIRECTORY, file), 'utf8')));
  const sum = (key) => suites.reduce((total, suite) => total + suite[key], 0);
  // A step that fails without a failing test (lint, for one) is a failure all the same.
  const failed = sum('failed') || (hasFailed ? 1 : 0);
  const skipped = sum('skipped');
  console.log(`\n${sum('passed')} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
  process.exitCode = failed ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) reportCounts(process.argv[2] !== '0');
