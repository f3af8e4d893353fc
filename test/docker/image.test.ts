// What the Dockerfile does, by hand and without Docker: a directory that holds what the image holds.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnServer } from '../support/server-process.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');
const inRoot = (name: string) => path.join(root, name);
const read = (name: string) => readFile(inRoot(name), 'utf8');

/** Makes one of the things that the image is made of. */
async function make(thing: string, directory: string): Promise<void> {
  const target = path.join(directory, thing);
  if (thing === 'dist')
    await run(process.execPath, [inRoot('scripts/build.mjs'), target]).catch(({ stderr }) => {
      throw new Error(`it does not build:\n${stderr}`);
    });
  else await cp(inRoot(thing), target, { recursive: true });
}

test('the Dockerfile builds on Node 24, does not run as root, and takes nothing secret along', async () => {
  const dockerfile = await read('Dockerfile');
  const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
  expect(images).toEqual([expect.stringMatching(/^node:24-/), expect.stringMatching(/^node:24-/)]);
  expect(dockerfile.match(/^USER .*$/gm)).toEqual(['USER node']);
  expect(dockerfile).not.toMatch(/^ARG /m);
  expect(dockerfile).not.toMatch(/^(ENV|RUN) .*(SECRET|PASSWORD|TOKEN)/m);
  const ignored = (await read('.dockerignore')).split('\n');
  expect(ignored).toEqual(
    expect.arrayContaining(['.env', '.env.*', 'data', '.git', '**/node_modules', 'dist']),
  );
});

describe('what the image holds', () => {
  let directory: string;
  let dockerfile: string;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'writ-test-image-'));
    dockerfile = await read('Dockerfile');
    const things = [...dockerfile.matchAll(/^COPY --from=build \/writ\/(\S+) /gm)];
    expect(things.map(([, thing]) => thing)).toEqual(['package.json', 'bin', 'dist']);
    for (const [, thing = ''] of things) await make(thing, directory);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  test('has no sources, no tests, and of other packages what it reads: at most 35 MB in 130 files', async () => {
    expect((await readdir(directory)).sort()).toEqual(['bin', 'dist', 'package.json']);
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const sizes = files.map(
      async ({ parentPath, name }) => (await stat(`${parentPath}/${name}`)).size,
    );
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    expect(files.filter(({ name }) => name.endsWith('.ts'))).toEqual([]);
    expect(files.length).toBeLessThanOrEqual(130);
    expect(bytes).toBeLessThanOrEqual(35_000_000);
  });

  test('has the license of every package that it contains', async () => {
    const licenses = await readFile(path.join(directory, 'dist/licenses.txt'), 'utf8');
    for (const name of ['oidc-provider', 'koa', 'kysely', '@electric-sql/pglite'])
      expect(licenses).toMatch(
        new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\((MIT|Apache-2.0)\\)\\n\\n.{20}`, 'ms'),
      );
  });

  test('is a `writ` that says what it can', async () => {
    const { stdout } = await run(process.execPath, ['bin/writ.js', '--help'], { cwd: directory });
    expect(stdout).toContain('Usage: writ');
  });

  test('is a server that starts on nothing, is healthy, writes nothing beside its data, and stops', async () => {
    const [, command = ''] = /^ +CMD (\[.*\])$/m.exec(dockerfile) ?? [];
    const [, ...args] = JSON.parse(command) as string[];
    const before = await readdir(directory, { recursive: true });
    const data = await mkdtemp(path.join(tmpdir(), 'writ-test-image-data-'));
    try {
      const server = await spawnServer({
        directory,
        file: 'bin/writ.js',
        env: { NODE_ENV: 'production', DATA_DIR: data, PORT: '0', LOG_FORMAT: 'pretty' },
      });
      const healthy = () =>
        run(process.execPath, args, { env: { PORT: new URL(server.origin).port } });
      await healthy();
      expect((await server.get('/readyz')).status).toBe(200);
      expect(await server.stop()).toEqual({ code: 0, signal: null });
      await expect(healthy()).rejects.toMatchObject({ code: 1 });
      expect(server.stderr()).toMatch(/INFO: listening/);
      expect(await readdir(directory, { recursive: true })).toEqual(before);
    } finally {
      await rm(data, { recursive: true });
    }
  });

  test('starts with few files, without `fetch`, and with nothing of what most servers never need', async () => {
    const data = await mkdtemp(path.join(tmpdir(), 'writ-test-image-data-'));
    try {
      const server = await spawnServer({
        directory,
        file: 'bin/writ.js',
        preload: ['loaded-modules.ts'],
        env: { DATA_DIR: data, PORT: '0', LOG_LEVEL: 'warn' },
      });
      expect((await server.get('/readyz')).status).toBe(200);
      await server.stop();
      const [, loaded = ''] = /^loaded (.*)$/m.exec(server.stderr()) ?? [];
      const { files, ofNode } = JSON.parse(loaded) as Record<'files' | 'ofNode', string[]>;
      const own = files.filter((url) => url.includes('/dist/'));
      expect(own.length).toBeGreaterThan(5);
      expect(own.length).toBeLessThanOrEqual(60);
      expect(ofNode.filter((name) => name.includes('undici'))).toEqual([]);
      const texts = await Promise.all(own.map((url) => readFile(new URL(url), 'utf8')));
      const has = (text: string) => texts.some((code) => code.includes(text));
      expect(has('invalid_client_metadata')).toBe(true);
      // GraphQL, Redis, mails, readable log lines.
      for (const text of ['GraphQLScalarType', 'class Redis', 'SMTPConnection', 'colorette'])
        expect([text, has(text)]).toEqual([text, false]);
    } finally {
      await rm(data, { recursive: true });
    }
  });
});
