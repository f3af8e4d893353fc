// The guards in Python and Go: their own tests, with the shared vectors, and an API with each, in front of a running server.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ath, createDpopKey } from '../protocol/strict/support.ts';
import { createHttp, type Http } from '../support/http.ts';
import { makeParties, type Parties } from '../support/parties.ts';
import { freePort, type Program, startProgram, until } from '../support/process.ts';
import {
  goIsThere,
  pythonCommand,
  pythonGuardPackagesAreThere,
} from '../support/published-clients.ts';
import { onStack, unique } from '../support/stacks.ts';

const root = path.resolve(import.meta.dirname, '../..');
const page = readFileSync(path.join(root, 'docs/protect-your-api.md'), 'utf8');

interface Guard {
  language: string;
  isThere: boolean;
  /** The example, which the page shows. */
  example: string;
  environment: Record<string, string>;
  test: { command: string[]; directory: string };
  prepare?: (directory: string) => string[];
  command: (directory: string, port: number) => string[];
}

const python = {
  PYTHONPATH: path.join(root, 'sdk/python/src'),
  PYTHONDONTWRITEBYTECODE: '1',
};
// The compiler finds what it needs on this machine or not at all.
const go = {
  HOME: process.env['HOME'] ?? '',
  CGO_ENABLED: '0',
  GOPROXY: 'off',
  GOFLAGS: '-buildvcs=false',
};

const guards: Guard[] = [
  {
    language: 'Python',
    isThere: pythonGuardPackagesAreThere(),
    example: 'examples/fastapi-api/main.py',
    environment: python,
    test: {
      command: [pythonCommand('python'), '-m', 'unittest', 'discover'],
      directory: 'sdk/python/tests',
    },
    command: (_directory, port) => [
      pythonCommand('uvicorn'),
      ...['main:app', '--app-dir', path.join(root, 'examples/fastapi-api')],
      ...['--port', String(port)],
    ],
  },
  {
    language: 'Go',
    isThere: goIsThere(),
    example: 'examples/go-api/main.go',
    environment: go,
    test: { command: ['go', 'test', '-count=1', '-vet=off', './...'], directory: 'sdk/go' },
    prepare: (directory) => [
      ...['go', 'build', '-C', path.join(root, 'examples/go-api')],
      ...['-o', path.join(directory, 'api'), '.'],
    ],
    command: (directory) => [path.join(directory, 'api')],
  },
];

test.each(guards)('docs/protect-your-api.md shows $example as it is', ({ example }) => {
  const [, shown] = page.split(`<!-- ../${example} -->\n`);
  const [, code] = /^```\w+\n(.*?)^```$/ms.exec(shown ?? '') ?? [];
  expect(code).toBe(readFileSync(path.join(root, example), 'utf8'));
});

test('the example in Python is tried with the versions that it names', () => {
  const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
  for (const line of read('examples/fastapi-api/requirements.txt').trim().split('\n'))
    expect(read('test/clients/requirements.txt')).toContain(`\n${line} \\\n`);
});

onStack((stack) => {
  for (const { language, isThere, environment, prepare, command, ...guard } of guards)
    (isThere ? describe : describe.skip)(language, () => {
      let parties: Parties;
      let api: Http;
      let program: Program;

      beforeAll(async () => {
        parties = await makeParties(stack(), { format: 'jwt' });
        await stack().api.setRole(parties.role, ['things.read', 'things.write']);
        const port = await freePort();
        const variables = Object.entries({
          ...environment,
          ISSUER: stack().issuer,
          RESOURCE: parties.resource,
          CLIENT_ID: parties.resourceServer.id,
          CLIENT_SECRET: parties.resourceServer.secret,
          PORT: String(port),
        }).map(([name, value]) => `${name}=${value}`);
        api = createHttp(`http://localhost:${port}`);
        program = await startProgram({
          name: language,
          ...(prepare && {
            prepare: (directory) => ['env', ...variables, ...prepare(directory)],
          }),
          command: (directory) => ['env', ...variables, ...command(directory, port)],
          ready: () => api.get('/things'),
          stopSignal: 'SIGTERM',
          killSignal: 'SIGKILL',
        });
      });
      afterAll(() => program?.kill());

      /** Issues a token while the API's tokens are opaque. */
      const opaque = async (issue: () => Promise<string>): Promise<string> => {
        const at = `/resources/${encodeURIComponent(parties.resource)}`;
        const format = async (token_format: string) => {
          const { status } = await stack().api.call('PATCH', at, { token_format });
          expect(status).toBe(200);
        };
        await format('opaque');
        const token = await issue();
        await format('jwt');
        expect(token).toMatch(/^writ_at_/);
        return token;
      };
      const send = (method: string, token: string) =>
        api.request(method, '/things', {
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          ...(method === 'POST' && { body: '{"name":"saw"}' }),
        });
      const challengeOf = ({ headers }: { headers: Headers }) => headers.get('www-authenticate');
      const metadata = () => `${parties.resource}/.well-known/oauth-protected-resource`;
      const isRefused = async (token: string) => {
        const refused = await send('GET', token);
        expect([refused.status, challengeOf(refused)]).toEqual([
          401,
          `Bearer realm="${parties.resource}", error="invalid_token", error_description="The token is not active or not for this API.", ` +
            `scope="things:read", resource_metadata="${metadata()}"`,
        ]);
      };
      const both = { scope: 'things:read things:write' };

      test('passes its own tests, with the vectors of all guards', async () => {
        const [file = '', ...args] = guard.test.command;
        const options = {
          cwd: path.join(root, guard.test.directory),
          env: { PATH: process.env['PATH'], ...environment },
        };
        const { stdout, stderr } = await promisify(execFile)(file, args, options);
        expect(stdout + stderr).toMatch(/^(OK|ok\s)/m);
      });

      test('admits JWTs and opaque tokens that have the scope and the permission', async () => {
        for (const token of [await parties.issue(both), await opaque(() => parties.issue(both))]) {
          expect(await send('GET', token)).toMatchObject({
            status: 200,
            body: { sub: parties.client.id },
          });
          expect(await send('POST', token)).toMatchObject({ status: 201, body: { name: 'saw' } });
        }
      });

      test('refuses a request without a token, with a challenge that has no error code and leads to its metadata', async () => {
        for (const headers of [{}, { authorization: 'Basic YTpi' }]) {
          const refused = await api.get('/things', headers as Record<string, string>);
          expect(refused).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
          expect(challengeOf(refused)).toBe(
            `Bearer realm="${parties.resource}", scope="things:read", resource_metadata="${metadata()}"`,
          );
        }
        expect(await api.get(new URL(metadata()).pathname)).toMatchObject({
          status: 200,
          body: {
            resource: parties.resource,
            authorization_servers: [stack().issuer],
            scopes_supported: ['things:read', 'things:write'],
          },
        });
      });

      test('refuses what is no token, a token for another API, and an expired one', async () => {
        await isRefused('writ_at_nothing');
        await isRefused('eyJhbGciOiJub25lIn0.e30.');
        for (const format of ['jwt', 'opaque'] as const)
          await isRefused(await (await makeParties(stack(), { format })).issue());
        const brief = await stack().api.createClient({
          roles: [parties.role],
          resources: [parties.resource],
          access_token_ttl: 1,
        });
        const token = await opaque(
          async () => (await stack().token(brief, { scope: 'things:read' })).body.access_token,
        );
        await until('the token to expire', () => isRefused(token), 10_000);
      });

      test('refuses a token without the scope, and names it, and one whose roles lack the permission', async () => {
        const refused = await send('POST', await parties.issue({ scope: 'things:read' }));
        expect([refused.status, challengeOf(refused)]).toEqual([
          403,
          `Bearer realm="${parties.resource}", error="insufficient_scope", error_description="The token lacks the scope things:write.", ` +
            `scope="things:write", resource_metadata="${metadata()}"`,
        ]);
        const role = unique('role');
        await stack().api.setRole(role, ['things.read']);
        const reader = await stack().api.createClient({
          roles: [role],
          resources: [parties.resource],
        });
        const { body } = await stack().token(reader, both);
        expect((await send('GET', body.access_token)).status).toBe(200);
        const denied = await send('POST', body.access_token);
        expect(denied).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
        expect(denied.body.error_description).toBe('No role gives things.write.');
      });

      test('a revoked token, a JWT that is verified offline too, is refused within a second', async () => {
        const token = await opaque(() => parties.issue({ scope: 'things:read' }));
        expect((await send('GET', token)).status).toBe(200);
        await stack().revoke(token, parties.client);
        await isRefused(token);

        const jwt = await parties.issue(both);
        // Offline, a JWT has the permissions of its issue: introspection would refuse it now.
        await stack().api.setRole(parties.role, []);
        await until(
          'the feed to be followed',
          async () => expect((await send('GET', jwt)).status).toBe(200),
          10_000,
        );
        await stack().revoke(jwt, parties.client);
        const revokedAt = performance.now();
        await until('the JWT to be refused', () => isRefused(jwt), 5_000);
        expect(performance.now() - revokedAt).toBeLessThan(1_000);
        await stack().api.setRole(parties.role, ['things.read', 'things.write']);

        const another = await parties.issue(both);
        expect((await send('GET', another)).status).toBe(200);
        await stack().api.call('DELETE', `/clients/${parties.client.id}/tokens`);
        await until('the JWT to be refused', () => isRefused(another), 5_000);
        expect((await send('GET', await parties.issue(both))).status).toBe(200);
      });

      test('admits a token that is bound to a key only with a proof of it, each proof once', async () => {
        const key = await createDpopKey();
        const { body } = await stack().post(
          '/connect/token',
          { grant_type: 'client_credentials', scope: 'things:read' },
          parties.client,
          { DPoP: await key.prove('POST', `${stack().issuer}/connect/token`) },
        );
        expect(body.token_type).toBe('DPoP');
        await isRefused(body.access_token);
        const proof = await key.prove('GET', `${parties.resource}/things`, {
          ath: ath(body.access_token),
        });
        const request = () =>
          api.get('/things', { authorization: `DPoP ${body.access_token}`, dpop: proof });
        expect((await request()).status).toBe(200);
        const again = await request();
        expect(again).toMatchObject({ status: 401, body: { error: 'invalid_dpop_proof' } });
        expect(challengeOf(again)).toMatch(
          /^DPoP realm="[^"]+", error="invalid_dpop_proof".*algs="/,
        );
      });
    });
});
