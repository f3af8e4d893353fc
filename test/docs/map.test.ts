import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { expect, test } from '@jest/globals';

const root = path.resolve(import.meta.dirname, '../..');
const top = readdirSync(root);

/** Paths in backticks or links of a page, from the project's root. Those of src may leave out `src/`. */
function pathsOf(page: string): string[] {
  const text = readFileSync(path.join(root, page), 'utf8');
  const quoted = [...text.matchAll(/`([\w.@~-]+(?:\/[\w.@~-]+)*\/?)`/g)].map((match) => match[1]);
  const linked = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map((match) =>
    path.relative(root, path.resolve(root, path.dirname(page), match[1] as string)),
  );
  return [...quoted, ...linked]
    .filter((name) => name !== undefined)
    .filter((name) => name.includes('/') || /\.(ts|js|json|md|yml)$/.test(name));
}

/** Where a path that a page names may be: from the root, from src, or beside the page. */
const candidates = (page: string, name: string) => [
  path.join(root, name),
  path.join(root, 'src', name),
  path.join(root, path.dirname(page), name),
];

test.each(['src/README.md', 'src/protocol/README.md', 'CONTRIBUTING.md', 'README.md'])(
  'every path of the code that %s names is there',
  (page) => {
    const inSource = new Set([...top, ...readdirSync(path.join(root, 'src'))]);
    const named = pathsOf(page).filter((name) => inSource.has(name.split('/')[0] ?? ''));
    const missing = named.filter((name) => !candidates(page, name).some(existsSync));
    expect(named.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  },
);

test('every folder of src is on the map', () => {
  const map = readFileSync(path.join(root, 'src/README.md'), 'utf8');
  const folders = readdirSync(path.join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const domain = readdirSync(path.join(root, 'src/domain'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `domain/${name}`);
  for (const folder of [...folders, ...domain]) expect(map).toContain(`\`${folder}/\``);
});
