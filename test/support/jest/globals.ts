import type * as jestGlobals from '@jest/globals';

// What `@jest/globals` means in a test. The bindings are reassigned for each file, and so are those of the
// modules that import them: an import is a live view of the variable.
export let afterAll: typeof jestGlobals.afterAll;
export let afterEach: typeof jestGlobals.afterEach;
export let beforeAll: typeof jestGlobals.beforeAll;
export let beforeEach: typeof jestGlobals.beforeEach;
export let describe: typeof jestGlobals.describe;
export let expect: typeof jestGlobals.expect;
export let it: typeof jestGlobals.it;
export let jest: (typeof jestGlobals)['jest'];
export let test: typeof jestGlobals.test;

/** Gives all modules the functions of the test file that starts. */
export function setGlobals(globals: Omit<typeof jestGlobals, 'setGlobals'>): void {
  ({ afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, test } = globals);
}
