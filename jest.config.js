import { availableParallelism } from 'node:os';

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
  testSequencer: '<rootDir>/test/support/longest-first.js',
  transform: { '\\.ts$': '<rootDir>/test/support/strip-types.js' },
  // One more than there are processors: many files wait for servers that they start, or for a browser. Each
  // worker has a database of its own in Redis, which has 16, and connections to Postgres, which has 200.
  maxWorkers: Math.min(availableParallelism() + 1, 8),
  // Modules of a file are never freed (vm modules), and a worker whose heap has grown spends its time collecting.
  workerIdleMemoryLimit: '800MB',
  // No test is about time: this ends one that hangs, on a machine that is slow and busy as well.
  testTimeout: 600_000,
};
