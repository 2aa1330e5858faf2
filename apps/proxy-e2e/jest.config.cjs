module.exports = {
  ...require('../../jest.preset.js')('proxy-e2e'),
  testMatch: ['**/src/**/*.e2e-spec.ts'],
  setupFilesAfterEnv: ['<rootDir>/../../libs/e2e-support/src/lib/assertions.ts'],
  testTimeout: 60_000,
  maxWorkers: 2,
  // What a failed test leaves open must not hold the run.
  forceExit: true,
};
