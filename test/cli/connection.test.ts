import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writ, writHere } from '../support/command.ts';
import { freePort } from '../support/process.ts';
import { onEveryStack, unique } from '../support/stacks.ts';
import { operatorKey } from './operator.ts';

onEveryStack((stack) => {
  let directory: string;
  let key: string;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'writ-cli-'));
    key = await operatorKey(stack());
    const content = JSON.stringify({ url: stack().issuer, api_key: key });
    await writeFile(path.join(directory, 'operator.json'), content);
  });
  afterAll(() => rm(directory, { recursive: true }));

  const refused = (err: unknown) => ({ code: 1, out: '', err });

  test('on the machine of the server the operator’s file is all that it takes', async () => {
    const { code, json } = await writ(['roles', 'list', '--json'], { DATA_DIR: directory });
    expect(code).toBe(0);
    expect(json).toEqual((await stack().api.call('GET', '/roles')).body.items);
  });

  test.each([
    ['--url', (url: string) => [['--url', url], {}] as const],
    ['WRIT_URL', (url: string) => [[], { WRIT_URL: url }] as const],
  ])('the operator’s key is not sent to another server that %s names', async (_what, given) => {
    const seen: IncomingHttpHeaders[] = [];
    const other = createServer((request, response) => {
      seen.push(request.headers);
      response.end('{"items":[]}');
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    try {
      const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
      const [args, environment] = given(url);
      const answer = await writHere([...args, 'roles', 'list'], {
        DATA_DIR: directory,
        ...environment,
      });
      expect(answer).toMatchObject(refused(expect.stringContaining(`No token for ${url}`)));
      const withToken = await writHere([...args, '--token', 'mine', 'roles', 'list', '--json'], {
        DATA_DIR: directory,
        ...environment,
      });
      expect(withToken).toMatchObject({ code: 0, json: [] });
      expect(seen.map(({ authorization }) => authorization)).toEqual(['Bearer mine']);
    } finally {
      other.close();
    }
  });

  test('--token goes before WRIT_TOKEN, and that before the operator’s file', async () => {
    const list = (args: string[], environment: Record<string, string> = {}) =>
      writHere([...args, 'roles', 'list'], { DATA_DIR: directory, ...environment });
    expect((await list([], { WRIT_TOKEN: 'wrong' })).code).toBe(1);
    expect((await list(['--token', key], { WRIT_TOKEN: 'wrong' })).code).toBe(0);
    expect((await list(['--token', 'wrong'])).code).toBe(1);
  });

  test('a server that is away is told in one sentence, exit code 1', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    expect(await writ(['roles', 'list'], { WRIT_URL: url, WRIT_TOKEN: 'x' })).toMatchObject(
      refused(`writ: ${url} cannot be reached. Is the server running?\n`),
    );
  });

  test('a server that is something else is told as that, exit code 1', async () => {
    const other = createServer((_request, response) => response.end('<h1>Hello</h1>'));
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    try {
      const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
      const answer = await writHere(['roles', 'list'], { WRIT_URL: url, WRIT_TOKEN: 'x' });
      expect(answer).toMatchObject(refused(expect.stringContaining('Is it the right server?')));
    } finally {
      other.close();
    }
  });

  test('where no server is known it says how to get one, exit code 1', async () => {
    const empty = path.join(directory, 'empty');
    expect(await writHere(['roles', 'list'], { DATA_DIR: empty })).toMatchObject(
      refused(expect.stringMatching(/^writ: No server is known here\. .*writ serve/)),
    );
  });

  test('what the server refuses is told in its words, exit code 1, and no secret with it', async () => {
    const environment = { DATA_DIR: directory };
    for (const [args, words] of [
      [['clients', 'show', 'nobody'], 'There is no client nobody.'],
      [['clients', 'create', 'a:b'], 'A client_id has 1 to 100'],
      [['clients', 'create', '--role', unique('no-role')], 'make it first'],
      [['tokens', 'show', 'tok_nothing'], 'There is no token'],
      [['resources', 'create', 'nothing'], 'not an absolute URI'],
      [['clients', 'create', '--jwks', '/nowhere'], 'does not hold a JWK Set'],
    ] as const) {
      const answer = await writHere([...args], environment);
      expect(answer).toMatchObject(refused(expect.stringContaining(words)));
      expect(answer.err.trimEnd()).not.toContain('\n');
      expect(answer.err).not.toContain(key);
    }
  });
});
