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

test('no row of its tables is without a test', () => {
  const [, tables = ''] = page.split('## Promises');
  const rows = tables.split('\n').filter((line) => line.startsWith('| '));
  const headings = rows.filter((row) => row.endsWith('| shown by |'));
  expect(rows.length - headings.length).toBe(shown.length);
});
