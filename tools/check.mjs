import { nx } from './run.mjs';
import { forgetCounts, reportCounts } from './test-counts.mjs';

/**
 * Every check there is: format, lint, types, build, unit tests, end to end. Stops at the first step that
 * fails, and ends with the tests of all suites added up.
 */
const STEPS = [
  ['run-many', '-t', 'format-check', 'docs-check'],
  ['run-many', '-t', 'lint', 'typecheck'],
  ['run-many', '-t', 'build', 'test'],
  ['run', 'proxy-e2e:e2e'],
  ['run', 'console-e2e:e2e'],
];

forgetCounts();
let failedStep;
for (const step of STEPS) {
  if ((await nx(...step)) !== 0) {
    failedStep = step.join(' ');
    break;
  }
}
if (failedStep) console.error(`\nfailed at: nx ${failedStep}`);
reportCounts(failedStep !== undefined);
