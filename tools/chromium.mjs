import { debianPackages } from './deploy/commands.mjs';

/**
 * Sees to it that Debian's chromium is here, for the tests of the page. Prints where it is; ends with 1 and the reason
 * where it is not and cannot be installed.
 */
const problem = debianPackages(['chromium']);
if (problem) {
  console.error(problem);
  process.exit(1);
}
console.log('/usr/bin/chromium');
