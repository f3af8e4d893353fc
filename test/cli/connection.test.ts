import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createApiClient } from '../../src/cli/api-client.ts';
import { writ, writHere } from '../support/command.ts';
import { freePort } from '../support/process.ts';
import { onStack, unique } from '../support/stacks.ts';
import { operatorKey } from './operator.ts';
import { withServer } from './other-server.ts';

onStack((stack) => {
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
    const answer: RequestListener = (request, response) => {
      seen.push(request.headers);
      response.end('{"items":[]}');
    };
    await withServer(answer, async (url) => {
      const [args, named] = given(url);
      const environment = { DATA_DIR: directory, ...named };
      expect(await writHere([...args, 'roles', 'list'], environment)).toMatchObject(
        refused(expect.stringContaining(`No token for ${url}`)),
      );
      const withToken = [...args, '--token', 'mine', 'roles', 'list', '--json'];
      expect(await writHere(withToken, environment)).toMatchObject({ code: 0, json: [] });
    });
    expect(seen.flatMap(({ authorization }) => authorization ?? [])).toEqual(['Bearer mine']);
  });

  test('what shows a secret is asked for again, by the same key, where the answer is lost', async () => {
    const keys: unknown[] = [];
    const answer: RequestListener = (request, response) => {
      keys.push(request.headers['idempotency-key']);
      if (keys.length === 1) {
        response.writeHead(201, { 'content-length': 100 });
        response.write('{"client_id":');
        request.socket.destroy();
      } else response.end('{"client_id":"a","client_secret":"the secret"}');
    };
    await withServer(answer, async (url) => {
      const { code, out } = await writHere(
        ['--url', url, '--token', 'mine', 'clients', 'create', 'a', '--json'],
        {},
      );
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ client_secret: 'the secret' });
    });
    expect(keys).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), keys[0]]);
  });

  test('several problems of a request stand on a line each, with their places', async () => {
    const answer: RequestListener = (_request, response) => {
      const details = [{ parameter: 'roles[0]', message: 'is no name' }, { message: 'is\nwrong' }];
      const sentence = 'roles[0]: is no name; The body: is wrong';
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ error: 'invalid_request', error_description: sentence, details }),
      );
    };
    await withServer(answer, async (url) => {
      const { err } = await writHere(['--url', url, '--token', 'mine', 'roles', 'list'], {});
      expect(err).toBe(
        'writ: The server refused 2 values:\n  --role (number 1): is no name\n  The body: is wrong\n',
      );
    });
  });

  test('--token goes before WRIT_TOKEN, and that before the operator’s file', async () => {
    const list = (args: string[], environment: Record<string, string> = {}) =>
      writHere([...args, 'roles', 'list'], { DATA_DIR: directory, ...environment });
    expect((await list([], { WRIT_TOKEN: 'wrong' })).code).toBe(1);
    expect((await list(['--token', key], { WRIT_TOKEN: 'wrong' })).code).toBe(0);
    expect((await list(['--token', 'wrong'])).code).toBe(1);
  });

  test('a server that is away is told in one sentence, exit code 1, by every command that needs it', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const away = refused(
      `writ: ${url} cannot be reached: nothing listens there. Is the server running?\n`,
    );
    const environment = { WRIT_URL: url, WRIT_TOKEN: 'x' };
    expect(await writ(['roles', 'list'], environment)).toMatchObject(away);
    for (const line of [
      'clients list',
      'clients create',
      'clients update one --name x',
      'clients delete one --yes',
      'clients secrets list one',
      'roles set one',
      'resources show one',
      'accounts show one',
      'accounts show one@example.com',
      'tokens revoke one',
      'tokens revoke --account one --yes',
      'keys rotate',
      'keys reseal',
      'audit list',
    ])
      expect(await writHere(line.split(' '), environment)).toMatchObject(away);
  });

  test('a name that nobody knows is told as that', async () => {
    const environment = { WRIT_URL: 'http://nowhere.invalid', WRIT_TOKEN: 'x' };
    expect(await writHere(['roles', 'list'], environment)).toMatchObject(
      refused(
        expect.stringMatching(/cannot be reached: its host name is unknown\. Is the URL right/),
      ),
    );
  });

  test.each<[string, RequestListener, RegExp]>([
    [
      'something else',
      (_request, response) => response.end('<h1>Hello</h1>'),
      /does not answer as Writ does\. Is it the right server\?/,
    ],
    [
      'JSON of something else',
      (_request, response) => response.end('{"hello":"world"}'),
      /does not answer as Writ does\. Is it the right server\?/,
    ],
    [
      'a list',
      (_request, response) => response.end('[]'),
      /does not answer as Writ does\. Is it the right server\?/,
    ],
    [
      'a page of a proxy',
      (_request, response) => response.writeHead(502).end('<h1>Bad Gateway</h1>'),
      /answered 502, and not as Writ does\. .*proxy/,
    ],
    [
      'a redirect, which is not followed',
      (_request, response) =>
        response.writeHead(302, { location: 'https://elsewhere.test/' }).end(),
      /redirects to https:\/\/elsewhere\.test\/\. Pass the URL of the server itself with --url\./,
    ],
    [
      'a connection that breaks at once',
      (request) => request.socket.destroy(),
      /cannot be reached: the connection was lost\./,
    ],
    [
      'an answer that breaks off',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('{"items":');
        response.socket?.end();
      },
      /broke off\. Try again\./,
    ],
    [
      'words that would steer the terminal',
      (_request, response) =>
        response
          .writeHead(400)
          .end('{"error":"invalid_request","error_description":"\\u001b[2Jgone\\nwrit: fine"}'),
      /^writ: {2}\[2Jgone writ: fine$/,
    ],
  ])('%s is told in one sentence, exit code 1', async (_what, listener, words) => {
    await withServer(listener, async (url) => {
      const answer = await writHere(['roles', 'list'], { WRIT_URL: url, WRIT_TOKEN: 'x' });
      expect(answer).toMatchObject(refused(expect.anything()));
      expect(answer.err.trimEnd()).toMatch(words);
      expect(answer.err.trimEnd()).not.toContain('\n');
    });
  });

  test('of a change whose answer broke off nobody knows whether it was made, and that is said', async () => {
    const listener: RequestListener = (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{');
      response.socket?.end();
    };
    await withServer(listener, async (url) => {
      const answer = await writHere(['roles', 'set', 'one'], { WRIT_URL: url, WRIT_TOKEN: 'x' });
      expect(answer).toMatchObject(refused(expect.stringContaining('may have succeeded')));
    });
  });

  test('a server that never answers is given up on', async () => {
    await withServer(
      () => {},
      async (url) => {
        const target = { url, token: 'x', tokenFrom: 'a test', tokenRemedy: '' };
        await expect(createApiClient(target, 50).get('/roles')).rejects.toThrow(
          `${url} did not answer in time.`,
        );
      },
    );
  });

  test('a token that is not accepted, or lacks a scope, is named with what helps', async () => {
    const list = (token: string) =>
      writHere(['tokens', 'list'], { WRIT_URL: stack().issuer, WRIT_TOKEN: token });
    expect(await list('wrong')).toMatchObject(
      refused(expect.stringMatching(/does not accept the token in WRIT_TOKEN\. Use one that/)),
    );
    const lesser = await operatorKey(stack(), ['roles:read']);
    expect(await list(lesser)).toMatchObject(
      refused(expect.stringMatching(/requires the scope tokens:read.*the token in WRIT_TOKEN/)),
    );
    const stale = await mkdtemp(path.join(tmpdir(), 'writ-cli-'));
    const content = JSON.stringify({ url: stack().issuer, api_key: 'writ_ak_stale' });
    await writeFile(path.join(stale, 'operator.json'), content);
    expect(await writHere(['roles', 'list'], { DATA_DIR: stale })).toMatchObject(
      refused(expect.stringMatching(/the key in operator\.json\. .*serve" creates a new one/)),
    );
    await writeFile(path.join(stale, 'operator.json'), '{ torn');
    expect(await writHere(['roles', 'list'], { DATA_DIR: stale })).toMatchObject(
      refused(expect.stringMatching(/operator\.json is broken: .*Remove it/)),
    );
    await rm(stale, { recursive: true });
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
      [['clients', 'create', 'a:b'], 'client_id'],
      [['clients', 'create', '--role', unique('no-role')], 'Create it first: npx writ roles set'],
      [['tokens', 'show', 'tok_nothing'], 'There is no token'],
      [['resources', 'create', 'nothing'], '<identifier>: must be a URI with a scheme'],
      [['clients', 'create', '--jwks', '/nowhere'], '/nowhere cannot be read: it does not exist'],
    ] as const) {
      const answer = await writHere([...args], environment);
      expect(answer).toMatchObject(refused(expect.stringContaining(words)));
      expect(answer.err.trimEnd()).not.toContain('\n');
      expect(answer.err).not.toContain(key);
    }
  });
});
