import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { generatedPages } from '../../scripts/docs.ts';

for (const [path, page] of Object.entries(generatedPages()))
  test(`${path} says what the code says (npm run docs writes it)`, async () => {
    expect(await readFile(path, 'utf8')).toBe(page);
  });

test('every page that the README points to is there', async () => {
  const links = [...(await readFile('README.md', 'utf8')).matchAll(/\]\(([^)#:]+)\)/g)];
  expect(links.length).toBeGreaterThan(0);
  for (const [, target = ''] of links) await expect(readFile(target)).resolves.toBeDefined();
});
