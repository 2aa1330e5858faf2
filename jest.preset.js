const nxPreset = require('@nx/jest/preset').default;

/** What every suite shares; each names itself, so that its counts can be added up. */
module.exports = (suite) => ({
  ...nxPreset,
  displayName: suite,
  testEnvironment: 'node',
  testMatch: ['**/src/**/*.spec.ts'],
  // Far above what any test takes, so that a busy machine passes.
  testTimeout: 30_000,
  transform: { '^.+\\.ts$': ['@swc/jest', { swcrc: true, configFile: `${__dirname}/.swcrc` }] },
  reporters: ['default', [`${__dirname}/tools/jest-count-reporter.cjs`, { suite }]],
});
