import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { expect, test } from '@jest/globals';
import { readSpecifications, statusOf } from '../../scripts/standards-page.ts';

const root = path.resolve(import.meta.dirname, '../..');
const rows = readSpecifications().flatMap(({ name, requirements }) =>
  requirements.map((requirement) => ({ name, ...requirement })),
);

test('every requirement that docs/standards.md calls met names tests that are there', () => {
  const shown = rows.flatMap(({ met = [] }) => met);
  expect(shown.length).toBeGreaterThan(100);
  const missing = shown.filter(
    ([file, name]) => !readFileSync(path.join(root, file), 'utf8').includes(name),
  );
  expect(missing).toEqual([]);
});

test('every requirement has a section, a sentence and one status, and none is listed twice', () => {
  for (const row of rows) {
    expect(row).toMatchObject({
      section: expect.stringMatching(/./),
      requirement: expect.stringMatching(/\.$/),
    });
    expect(() => statusOf(row)).not.toThrow();
  }
  const keys = rows.map(({ name, section, requirement }) => `${name} ${section} ${requirement}`);
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
});
