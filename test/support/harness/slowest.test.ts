import { expect, test } from '@jest/globals';
import { describeSlowest } from '../slowest.ts';

test('the slowest files of a run are named, slowest first, with their seconds', () => {
  const file = (name: string, seconds: number) => ({
    name: `/writ/test/${name}`,
    startTime: 1_000,
    endTime: 1_000 + seconds * 1_000,
  });
  const files = [file('a.test.ts', 1.25), file('b.test.ts', 100), file('c.test.ts', 3)];
  expect(describeSlowest(files, { count: 2, root: '/writ' }).split('\n')).toEqual([
    'The slowest of 3 test files:',
    '   100.0 s  test/b.test.ts',
    '     3.0 s  test/c.test.ts',
  ]);
});
