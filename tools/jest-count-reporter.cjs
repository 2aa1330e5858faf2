const { mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

/**
 * Leaves one suite's counts in `tmp/tests/<suite>.json`, where `tools/check.mjs` adds them up.
 * A file, because a run that Nx takes from its cache prints nothing new but restores its outputs.
 */
module.exports = class CountReporter {
  constructor(globalConfig, options) {
    this.directory = join(globalConfig.rootDir, '../../tmp/tests');
    this.suite = options.suite;
  }

  onRunComplete(_contexts, results) {
    mkdirSync(this.directory, { recursive: true });
    const counts = {
      suite: this.suite,
      passed: results.numPassedTests,
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    writeFileSync(join(this.directory, `${this.suite}.json`), `${JSON.stringify(counts)}\n`);
  }
};
