module.exports = {
  ...require('../../jest.preset.js')('console-e2e'),
  testMatch: ['**/src/**/*.e2e-spec.ts'],
  setupFilesAfterEnv: ['<rootDir>/../../libs/e2e-support/src/lib/assertions.ts'],
  testTimeout: 60_000,
  // A browser, a proxy, a pool and miners are enough for two cores: one file after the other.
  maxWorkers: 1,
  // What a failed test leaves open must not hold the run.
  forceExit: true,
};
