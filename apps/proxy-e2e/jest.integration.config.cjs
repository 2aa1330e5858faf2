module.exports = {
  ...require('./jest.config.cjs'),
  // A suite of its own, so that its counts do not stand in for those of the end-to-end tests.
  ...require('../../jest.preset.js')('proxy-integration'),
  testMatch: ['**/src/integration/**/*.integration-spec.ts'],
};
