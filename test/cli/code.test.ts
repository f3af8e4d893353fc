import { execFile } from 'node:child_process';
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { codeIn, stampOf } from '../../bin/code.js';

const repository = path.resolve(import.meta.dirname, '../..');
let root: string;
const at = (name: string) => path.join(root, name);

/** A clone in which npm has installed packages and made a build. */
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'writ-test-code-'));
  for (const name of ['config', 'db', 'src/cli', 'views', 'dist', 'node_modules'])
    await mkdir(at(name), { recursive: true });
  for (const name of ['src/cli/index.ts', 'views/page.ts', 'node_modules/.package-lock.json'])
    await writeFile(at(name), 'as it was');
  await writeFile(at('package.json'), '{ "type": "module" }');
  await writeFile(at('dist/stamp'), stampOf(root));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const source = () => at('src/cli/index.ts');
const built = () => at('dist/writ.js');

test('a clone runs the build of its sources', () => {
  expect(codeIn(root)).toBe(built());
});

test('how the directory is written does not matter', () => {
  expect(stampOf(`${root}/`)).toBe(stampOf(root));
});

test.each<[string, () => Promise<unknown>]>([
  ['a source was changed', () => writeFile(at('views/page.ts'), 'changed')],
  ['a source has another time', () => utimes(at('views/page.ts'), 1, 1)],
  ['a source was added', () => writeFile(at('db/new.ts'), '')],
  ['a source was removed', () => rm(at('views/page.ts'))],
  ['a source has another name', () => rename(at('views/page.ts'), at('views/other.ts'))],
  ['the manifest was changed', () => writeFile(at('package.json'), 'changed')],
  ['npm installed something', () => writeFile(at('node_modules/.package-lock.json'), 'changed')],
  ['there is no build', () => rm(at('dist'), { recursive: true })],
  ['the build is without a stamp', () => rm(at('dist/stamp'))],
])('a clone runs its sources if %s', async (_, change) => {
  await change();
  expect(codeIn(root)).toBe(source());
});

test('an image has no sources and runs its build, whatever its stamp', async () => {
  await rm(at('src'), { recursive: true });
  await rm(at('dist/stamp'));
  expect(codeIn(root)).toBe(built());
});

describe('the end of `npm ci`', () => {
  /** Runs what package.json has for it, in `root`. */
  async function prepare() {
    const manifest = JSON.parse(await readFile(path.join(repository, 'package.json'), 'utf8'));
    const [, code = ''] = /^node -e "(.*)"$/.exec(manifest.scripts.prepare) ?? [];
    return promisify(execFile)(process.execPath, ['-e', code], { cwd: root });
  }

  test('succeeds without the sources: an image may install packages before it copies them', async () => {
    expect(await prepare()).toEqual({ stdout: '', stderr: '' });
  });

  test('succeeds without packages of development, and leaves what is there', async () => {
    for (const name of ['scripts', 'bin', 'db', 'src/domain/accounts'])
      await cp(path.join(repository, name), at(name), { recursive: true });
    const before = await readdir(root);
    expect(await prepare()).toEqual({ stdout: '', stderr: '' });
    expect(await readdir(root)).toEqual(before);
  });

  test('succeeds where a build fails, and says so', async () => {
    await mkdir(at('scripts'));
    await cp(path.join(repository, 'scripts/prepare.mjs'), at('scripts/prepare.mjs'));
    await writeFile(
      at('scripts/build.mjs'),
      "export const build = () => { throw new Error('read-only'); }",
    );
    expect(await prepare()).toEqual({
      stdout: '',
      stderr: 'No build, so starts take longer: read-only\n',
    });
  });
});
