import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { expect, test } from '@jest/globals';

const docs = path.resolve(import.meta.dirname, '../../docs');
const page = readFileSync(path.join(docs, 'security.md'), 'utf8');
const shown = [...page.matchAll(/\| \[([^\]]+)\]\((\.\.\/test\/[^)]+)\) \|$/gm)].map(
  ([, name = '', file = '']) => [name, file] as const,
);

test('every promise and every line of RFC 9700 in docs/security.md names a test that is there', () => {
  const rows = page.split('\n').filter((line) => /^\|.*\]\(\.\.\/test\//.test(line));
  expect(shown).toHaveLength(rows.length);
  const missing = shown.filter(
    ([name, file]) => !readFileSync(path.join(docs, file), 'utf8').includes(name),
  );
  expect(missing).toEqual([]);
});

/** Rows of ASVS that a document answers, that are not met, or that do not apply, with the reason. */
const explained = /\| (documented: \[.+|not met: .+|not applicable: .+) \|$/;

test('no row of its tables is without a test, or a reason why there is none', () => {
  const [, tables = ''] = page.split('## Promises');
  const rows = tables.split('\n').filter((line) => line.startsWith('| '));
  const headings = rows.filter((row) => row.endsWith('| shown by |'));
  const reasons = rows.filter(
    (row) => /^\| \d+\.\d+\.\d+ \(\d\) /.test(row) && explained.test(row),
  );
  expect(rows.length - headings.length - reasons.length).toBe(shown.length);
});

test('every requirement of ASVS 5.0 V6 and V7 of the levels 1 and 2 has a row', () => {
  const rows = [...page.matchAll(/^\| (\d+\.\d+\.\d+) \([12]\) \|/gm)].map(([, number]) => number);
  const upTo = (section: string, last: number) =>
    Array.from({ length: last }, (_, index) => `${section}.${index + 1}`);
  expect(rows).toEqual([
    ...[...upTo('6.1', 3), ...upTo('6.2', 12), ...upTo('6.3', 4), ...upTo('6.4', 4)],
    ...[...upTo('6.5', 5), ...upTo('6.6', 3), ...upTo('6.8', 4)],
    ...[...upTo('7.1', 3), ...upTo('7.2', 4), ...upTo('7.3', 2), ...upTo('7.4', 5)],
    ...[...upTo('7.5', 2), ...upTo('7.6', 2)],
  ]);
});
