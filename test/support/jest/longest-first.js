import { createRequire } from 'node:module';

// Its types only describe CommonJS.
/** @type {typeof import('@jest/test-sequencer')} */
const { default: Sequencer } = createRequire(import.meta.url)('@jest/test-sequencer');

/** Files that start first if no duration is known: those that start servers repeatedly or use a browser. */
const long = [
  /browser\.test/,
  /views\/pages/,
  /\/(faults|boot|docker)\//,
  /two-processes|rotation|doctor|upgrade/,
];

/**
 * Starts the slowest files first, so that no worker is left with one at the end. Jest remembers durations; a new
 * clone has none and uses the list above, then size.
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
