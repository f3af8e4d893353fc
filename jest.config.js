import { availableParallelism } from 'node:os';

/**
 * `npm test` (test/support/run.ts) starts what the tests share, and runs Jest.
 *
 * @type {import('jest').Config}
 */
export default {
  runtime: '<rootDir>/test/support/jest/runtime.ts',
  testEnvironment: '<rootDir>/test/support/jest/environment.ts',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testSequencer: '<rootDir>/test/support/jest/longest-first.js',
  // Node erases the types.
  transform: {},
  // One more than there are processors: many files wait for servers that they start, or for a browser. Each
  // worker has a database of its own in Redis, which has 16, and connections to Postgres, which has 200.
  maxWorkers: Math.min(availableParallelism() + 1, 8),
  // No test is about time: this ends one that hangs, on a machine that is slow and busy as well.
  testTimeout: 600_000,
};
