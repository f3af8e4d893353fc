import { createRequire } from 'node:module';

// Its types describe CommonJS alone.
/** @type {typeof import('@jest/test-sequencer')} */
const { default: Sequencer } = createRequire(import.meta.url)('@jest/test-sequencer');

/** What begins first where no duration is known: files that start servers again and again, or drive a browser. */
const long = [
  /browser\.test/,
  /views\/pages/,
  /\/(faults|boot|docker)\//,
  /two-processes|rotation|doctor|upgrade/,
];

/**
 * Begins with the files that take longest, so that no worker is left with one at the end. Jest knows how long
 * each took the last time; a fresh clone has no last time, and goes by the list above and by size.
 */
export default class LongestFirst extends Sequencer {
  /**
   * @override
   * @param {Parameters<InstanceType<typeof Sequencer>['sort']>[0]} tests
   */
  async sort(tests) {
    const sorted = await super.sort(tests);
    /** @param {typeof tests[number]} test */
    const isLong = ({ duration, path }) =>
      duration === undefined && long.some((pattern) => pattern.test(path));
    return sorted.toSorted((a, b) => Number(isLong(b)) - Number(isLong(a)));
  }
}
