import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { expect, test } from '@jest/globals';
import { generatedPages } from '../../scripts/docs.ts';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const filesIn = (folder: string, ending: string) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => path.join(folder, name));

/** Every page that a person reads in a clone. */
const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', 'src/README.md'],
  ...['src/protocol/README.md', 'test/clients/README.md'],
  ...filesIn('docs', '.md'),
  ...filesIn('examples', 'README.md'),
  ...filesIn('sdk', 'README.md'),
];

for (const [path, page] of Object.entries(generatedPages()))
  test(`${path} says what the code says (npm run docs writes it)`, async () => {
    expect(await readFile(path, 'utf8')).toBe(page);
  });

/** A page without its code, in which words are names. */
const proseOf = (page: string): string =>
  read(page)
    .replace(/^ *```[^\n]*\n.*?^ *```$/gms, '')
    .replace(/`[^`\n]+`/g, '``');

/** The anchors of a page, as GitHub makes them of its headings. */
const anchorsOf = (page: string): string[] =>
  read(page)
    .replace(/^ *```[^\n]*\n.*?^ *```$/gms, '')
    .split('\n')
    .filter((line) => /^#{1,6} /.test(line))
    .map((line) =>
      line
        .replace(/^#+ /, '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );

test.each(pages)('every link of %s leads to a page, and to a heading on it', (page) => {
  const broken = [...proseOf(page).matchAll(/(?:\]\(|(?:src|srcset)=")([^)\s"]+)[)"]/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^(https?|mailto):/.test(target))
    .filter((target) => {
      const [file = '', anchor] = target.split('#');
      const found = file ? path.join(path.dirname(page), file) : page;
      if (!existsSync(path.join(root, found))) return true;
      return anchor !== undefined && !anchorsOf(found).includes(anchor);
    });
  expect(broken).toEqual([]);
});

/** Words that docs/glossary.md replaces, if a pattern can tell them from a right use. */
const unwanted =
  /\b(who(?:m)?ever|somebody|nobody|(?:is|are|was|were) told|parted (?:by|with)|e-mails?|for good|lets? in(?:to)?)\b/gi;

/** The names of tests, which security.md and dialects.md quote. */
const quoted = /\[[^\]\n]*\]\((?:\.\.\/)*test\/[^)\n]*\)/g;

const unwantedIn = (text: string): string[] =>
  [...text.matchAll(unwanted)].map(
    ({ index, 0: word }) => `${word}: …${text.slice(Math.max(0, index - 30), index + 30)}…`,
  );

test('the pages use the words of the glossary', () => {
  const found = pages
    .filter((page) => page !== 'docs/glossary.md')
    .flatMap((page) => {
      const prose = proseOf(page).replace(quoted, '');
      // Released entries of the changelog stay as they were.
      const text = page === 'CHANGELOG.md' ? prose.split(/^## \d/m)[0] : prose;
      return unwantedIn(text ?? '').map((each) => `${page}: ${each}`);
    });
  expect(found).toEqual([]);
});

test('comments and sentences of the code use the words of the glossary', () => {
  const files = ['bin', 'config', 'db', 'scripts', 'src', 'views'].flatMap((folder) =>
    ['.ts', '.js', '.mjs'].flatMap((ending) => filesIn(folder, ending)),
  );
  expect(files.length).toBeGreaterThan(300);
  // Other languages have words of their own.
  const isEnglish = (file: string) => !/^views\/messages\/(?!en\.ts)/.test(file);
  const found = files
    .filter(isEnglish)
    .flatMap((file) => unwantedIn(read(file)).map((each) => `${file}: ${each}`));
  expect(found).toEqual([]);
});
