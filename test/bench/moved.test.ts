import { expect, test } from '@jest/globals';
import { compareRevisions } from './moved.ts';
import type { Measurement, Row } from './rounds.ts';
import type { TargetName } from './scenario.ts';

const measured = (perSecond: number, serverCpu: number): Measurement => ({
  ...{ perSecond, serverCpu, storeCpu: 100, p50: 1, p99: 5, resident: 200, errors: 0 },
});

/** A row with these requests a second and this CPU in each round. */
const row = (target: TargetName, rounds: [perSecond: number, serverCpu: number][]): Row => ({
  workload: 'introspection',
  target,
  rounds: rounds.map(([perSecond, cpu]) => measured(perSecond, cpu)),
  ...measured(Number.NaN, Number.NaN),
});

const verdicts = (before: Row, writ: Row) =>
  Object.fromEntries(
    compareRevisions([before, writ]).map(({ figure, verdict }) => [figure, verdict]),
  );

test('a figure that moved in every round, by more than the rounds differ, is said to have moved', () => {
  const before = row('before', [
    [1000, 100],
    [500, 210],
    [900, 110],
  ]);
  const writ = row('writ', [
    [1210, 81],
    [590, 165],
    [1080, 89],
  ]);
  expect(verdicts(before, writ)).toMatchObject({
    'requests/s': 'better',
    'server CPU': 'better',
    'stores CPU': 'within the noise',
  });
  expect(verdicts({ ...writ, target: 'before' }, { ...before, target: 'writ' })).toMatchObject({
    'requests/s': 'worse',
    'server CPU': 'worse',
  });
});

test('a machine that was slower for a whole round moves nothing', () => {
  const before = row('before', [
    [1000, 100],
    [400, 250],
    [1000, 100],
  ]);
  const writ = row('writ', [
    [1010, 99],
    [380, 260],
    [1000, 101],
  ]);
  expect(verdicts(before, writ)).toMatchObject({
    'requests/s': 'within the noise',
    'server CPU': 'within the noise',
  });
});

test('a change in most rounds, but not in all, moves nothing', () => {
  const before = row('before', [
    [1000, 100],
    [1000, 100],
    [1000, 100],
  ]);
  const writ = row('writ', [
    [1300, 70],
    [1300, 70],
    [990, 101],
  ]);
  expect(verdicts(before, writ)['server CPU']).toBe('within the noise');
});
