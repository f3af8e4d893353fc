/**
 * Tests are native ES modules; `npm test` (test/support/run.ts) sets the flags Node needs for that.
 *
 * @type {import('jest').Config}
 */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/strip-types.js' },
  maxWorkers: 2,
  testTimeout: 120_000,
};
