// What `npm publish` would upload of writ-sdk, in the empty project of a stranger.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildSdk } from '../support/sdk-package.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');
const tsc = path.join(root, 'node_modules/.bin/tsc');
let directory: string;
let project: string;
let packed: string[];

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'writ-sdk-'));
  const source = path.join(directory, 'source');
  await buildSdk(source);
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', directory], {
    cwd: source,
  });
  const [{ filename, files }] = JSON.parse(stdout);
  packed = files.map(({ path: file }: { path: string }) => file);
  project = path.join(directory, 'project');
  const modules = path.join(project, 'node_modules');
  await mkdir(modules, { recursive: true });
  await run('tar', ['-xzf', path.join(directory, filename), '-C', modules]);
  await cp(path.join(modules, 'package'), path.join(modules, 'writ-sdk'), { recursive: true });
  await rm(path.join(modules, 'package'), { recursive: true });
  await mkdir(path.join(modules, '@types'));
  for (const dependency of ['jose', '@types/node', 'undici-types'])
    await symlink(path.join(root, 'node_modules', dependency), path.join(modules, dependency));
  await writeFile(path.join(project, 'package.json'), '{"type":"module"}');
});
afterAll(() => rm(directory, { recursive: true }));

test('it has no tests, no sources and nothing of the server', () => {
  expect(packed).toContain('dist/sdk/resource-server/index.js');
  expect(packed).toContain('LICENSE');
  const foreign = packed.filter(
    (file) => !/^(dist\/(sdk|oauth)\/.*\.(js|d\.ts)|package\.json|README\.md|LICENSE)$/.test(file),
  );
  expect(foreign).toEqual([]);
});

test('its dependencies are those of its files, in versions that the server uses', async () => {
  const read = async (file: string) => JSON.parse(await readFile(path.join(root, file), 'utf8'));
  const [sdk, server] = [await read('sdk/node/package.json'), await read('package.json')];
  for (const [name, version] of Object.entries(sdk.dependencies))
    expect(version).toBe(`^${server.dependencies[name]}`);
  const imported = new Set<string>();
  for (const file of packed.filter((each) => each.endsWith('.js')))
    for (const [, name = ''] of (
      await readFile(path.join(project, 'node_modules/writ-sdk', file), 'utf8')
    ).matchAll(/from '([^.'][^']*)'/g))
      if (!name.startsWith('node:')) imported.add(name);
  expect([...imported]).toEqual(Object.keys(sdk.dependencies));
  expect(sdk.version).toBe(server.version);
});

test('a strict TypeScript project compiles against it, with its libraries checked as well', async () => {
  await writeFile(
    path.join(project, 'api.ts'),
    `import { createServer } from 'node:http';
import { authorizedFetch, clientCredentials, type TokenSource } from 'writ-sdk/client';
import { allows } from 'writ-sdk/permissions';
import { createGuard } from 'writ-sdk/resource-server';

const guard = createGuard({
  issuer: 'https://login.example.com',
  resource: 'https://api.example.com',
  client: { id: 'guard', secret: 'secret' },
});
createServer(
  guard.protect((_request, response, caller) => {
    const mayRead: boolean = caller.may('things.read') && allows(caller.entitlements, 'things.read');
    response.writeHead(mayRead ? 200 : 403).end();
  }),
);
const source: TokenSource = clientCredentials({
  issuer: 'https://login.example.com',
  clientId: 'demo',
  clientSecret: 'secret',
});
export const call: typeof fetch = authorizedFetch(source);
`,
  );
  const options = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'];
  const target = ['--target', 'es2024', '--lib', 'es2024', '--module', 'nodenext'];
  await run(tsc, [...options, ...target, '--types', 'node', '--noEmit', 'api.ts'], {
    cwd: project,
  }).catch(({ stdout }) => {
    throw new Error(stdout);
  });
});

test('plain Node imports each of its entries', async () => {
  const { stdout } = await run(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `const names = ['client', 'permissions', 'resource-server'];
      const [client, permissions, guard] = await Promise.all(names.map((name) => import('writ-sdk/' + name)));
      console.log(typeof client.clientCredentials, typeof guard.createGuard,
        Object.keys(permissions).join(), permissions.allows(['things'], 'things.read'));`,
    ],
    { cwd: project, env: { PATH: process.env['PATH'] } },
  );
  expect(stdout).toBe('function function allows,covers,intersect,isPermission true\n');
});
