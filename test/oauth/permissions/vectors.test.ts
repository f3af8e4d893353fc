import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { allows, covers, intersect } from '../../../src/sdk/permissions.ts';
import { vectors } from './vectors.ts';

const { allows: asked, covers: wanted, intersect: common } = vectors;

test.each(asked)('$granted allow $permission: $allowed', ({ granted, permission, allowed }) => {
  expect(allows(granted, permission)).toBe(allowed);
});

test.each(wanted)('$granted cover $wanted: $covered', ({ granted, wanted: list, covered }) => {
  expect(covers(granted, list)).toBe(covered);
});

test.each(common)('$a and $b have $both in common', ({ a, b, both }) => {
  expect(intersect(a, b)).toEqual(both);
});

test('docs/permissions.md shows all of the vectors, and no others', async () => {
  const page = await readFile('docs/permissions.md', 'utf8');
  const rows = page.split('\n').filter((line) => /^\| (`|\(nothing\))/.test(line));
  expect(rows).toEqual([
    ...asked.map(({ granted, permission, allowed }) => row(granted, [permission], yes(allowed))),
    ...wanted.map(({ granted, wanted: list, covered }) => row(granted, list, yes(covered))),
    ...common.map(({ a, b, both }) => row(a, b, cell(both))),
  ]);
});

const row = (first: string[], second: string[], result: string): string =>
  `| ${cell(first)} | ${cell(second)} | ${result} |`;

const yes = (is: boolean): string => (is ? 'yes' : 'no');

/** In JSON, which shows empty and invisible values. */
const cell = (texts: string[]): string =>
  texts.map((text) => `\`${JSON.stringify(text).replaceAll('|', '\\|')}\``).join(', ') ||
  '(nothing)';
