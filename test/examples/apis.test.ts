// The APIs of examples in Node, started as they are, in front of a server that issues their tokens. They use the packages of
// test/clients.
import { cpSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import permissionExamples from '../../docs/permissions.json' with { type: 'json' };
import { operatorOf } from '../cli/operator.ts';
import { installForExample } from '../support/example-packages.ts';
import { type Credentials, createHttp, type Http } from '../support/http.ts';
import { freePort, type Program, startProgram, until } from '../support/process.ts';
import { examplePackagesAreThere } from '../support/published-clients.ts';
import { keepSecret } from '../support/run-records.ts';
import { onStack, unique } from '../support/stacks.ts';

const root = path.resolve(import.meta.dirname, '../..');
const page = readFileSync(path.join(root, 'docs/protect-your-api.md'), 'utf8');
const readTyped = (file: string) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));

interface Example {
  /** Below `examples`. */
  file: string;
  framework: string;
  isThere: boolean;
  /** Whether it asks the server about each token, or verifies JWTs by their signature. */
  introspects: boolean;
}

const nodeExample = (framework: string, introspects: boolean): Example => ({
  file: `${framework}-api/server.js`,
  framework,
  introspects,
  isThere: examplePackagesAreThere(),
});

const examples: Example[] = [nodeExample('express', true), nodeExample('koa', false)];

test.each(examples)('docs/protect-your-api.md shows $file as it is', ({ file }) => {
  const [, shown] = page.split(`<!-- ../examples/${file} -->\n`);
  const [, code] = /^```\w+\n(.*?)^```$/ms.exec(shown ?? '') ?? [];
  expect(code).toBe(readFileSync(path.join(root, 'examples', file), 'utf8'));
});

test('the examples are tried with the versions that they name', () => {
  for (const { framework } of examples) {
    const { 'writ-sdk': sdk, ...packages } = readTyped(
      `examples/${framework}-api/package.json`,
    ).dependencies;
    expect(sdk).toBe('file:../../sdk/node');
    expect(readTyped('test/clients/package.json').dependencies).toMatchObject(packages);
  }
});

/** The arguments of the `writ` commands of the page's first step, in order. */
const registration = /## 1\. .*?```sh\n(.*?)```/s
  .exec(page)?.[1]
  ?.trim()
  .split('\n')
  .map((line) =>
    [...line.replace(/\s+#.*$/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(([, a, b]) => a ?? b ?? ''),
  );

onStack((stack) => {
  const operator = operatorOf(stack);
  const resource = 'https://api.acme.com';
  const jwtResource = `https://${unique('jwt-api')}.test`;
  let resourceServer: Credentials;
  let worker: Credentials;

  const clientNamed = (id: string, printed: string): Credentials => {
    const secret = /writ_cs_\w+/.exec(printed)?.[0] ?? '';
    keepSecret('client_secret', secret);
    return { id, secret };
  };

  beforeAll(async () => {
    const printed: string[] = [];
    for (const [npx, writ, ...command] of registration ?? []) {
      expect([npx, writ]).toEqual(['npx', 'writ']);
      const outcome = await operator.script(...command);
      expect(outcome).toMatchObject({ code: 0 });
      printed.push(outcome.out);
    }
    expect(printed).toHaveLength(4);
    resourceServer = clientNamed('acme-api', printed[1] ?? '');
    worker = clientNamed('worker', printed[3] ?? '');
    await stack().api.createResource({
      identifier: jwtResource,
      scopes: [{ name: 'things:read' }, { name: 'things:write' }],
      token_format: 'jwt',
      access_token_ttl: 3_600,
    });
    await stack().api.call('PATCH', '/clients/acme-api', {
      resource_server_for: [resource, jwtResource],
    });
  });

  for (const { file, framework, isThere, introspects } of examples)
    (isThere ? describe : describe.skip)(file, () => {
      const audience = introspects ? resource : jwtResource;
      const role = unique('role');
      let api: Http;
      let program: Program;
      let caller: Credentials;

      beforeAll(async () => {
        const port = await freePort();
        const environment = {
          ISSUER: stack().issuer,
          RESOURCE: audience,
          CLIENT_ID: resourceServer.id,
          CLIENT_SECRET: resourceServer.secret,
          PORT: String(port),
        };
        const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
        api = createHttp(`http://localhost:${port}`);
        program = await startProgram({
          name: file.replaceAll('/', '-'),
          fill: async (directory) => {
            cpSync(path.dirname(path.join(root, 'examples', file)), directory, { recursive: true });
            installForExample(directory, { [framework]: framework });
          },
          command: () => ['env', ...variables, process.execPath, 'server.js'],
          ready: () => api.get('/things'),
          stopSignal: 'SIGTERM',
          killSignal: 'SIGKILL',
        });
        await stack().api.setRole(role, ['things.read', 'things.write']);
        caller = await stack().api.createClient({ roles: [role], resources: [audience] });
      });
      afterAll(() => program.kill());

      const tokenOf = async (client: Credentials, form: Record<string, string> = {}) => {
        const { status, body, text } = await stack().token(client, form);
        if (status !== 200) throw new Error(`no token was issued: ${text}`);
        return body.access_token as string;
      };
      const send = (method: string, token: string) =>
        api.request(method, '/things', {
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          ...(method === 'POST' && { body: '{"name":"saw"}' }),
        });
      const challengeOf = ({ headers }: { headers: Headers }) => headers.get('www-authenticate');
      const isRefused = async (token: string) => {
        const refused = await send('GET', token);
        expect([refused.status, challengeOf(refused)]).toEqual([
          401,
          expect.stringMatching(
            /^Bearer realm="https:[^"]+", error="invalid_token", error_description="[^"]+"/,
          ),
        ]);
      };

      test('admits a token that has the scope and the permission', async () => {
        const token = await tokenOf(caller, { scope: 'things:read things:write' });
        const read = await send('GET', token);
        expect(read).toMatchObject({ status: 200, body: { sub: caller.id } });
        expect(await send('POST', token)).toMatchObject({ status: 201, body: { name: 'saw' } });
        if (introspects) {
          const { status } = await send('GET', await tokenOf(worker, { scope: 'things:read' }));
          expect(status).toBe(200);
        }
      });

      test('refuses a request without a token, with a challenge that has no error code', async () => {
        for (const headers of [{}, { authorization: 'Basic YTpi' }]) {
          const refused = await api.get('/things', headers as Record<string, string>);
          const { origin } = new URL(audience);
          const led = `, scope="things:read", resource_metadata="${origin}/.well-known/oauth-protected-resource"`;
          expect([refused.status, challengeOf(refused)]).toEqual([
            401,
            `Bearer realm="${audience}"${framework ? led : ''}`,
          ]);
        }
      });

      test('refuses a value that is no token, and a token for another API', async () => {
        const other = `https://${unique('other')}.test`;
        await stack().api.createResource({
          identifier: other,
          scopes: [{ name: 'things:read' }],
          token_format: introspects ? 'opaque' : 'jwt',
        });
        const client = await stack().api.createClient({ roles: [role], resources: [other] });
        await isRefused('writ_at_nothing');
        await isRefused(await tokenOf(client, { scope: 'things:read' }));
      });

      test("refuses the resource server's own token for another API", async () => {
        const other = `https://${unique('own')}.test`;
        await stack().api.createResource({ identifier: other, scopes: [{ name: 'things:read' }] });
        await operator.json('clients', 'update', resourceServer.id, '--add', `resource=${other}`);
        await operator.json('clients', 'update', resourceServer.id, '--add', 'role=editor');
        const token = await tokenOf(resourceServer, { resource: other, scope: 'things:read' });
        expect((await stack().introspect(token, resourceServer)).body.active).toBe(true);
        await isRefused(token);
      });

      test('refuses a token that has expired', async () => {
        const client = await stack().api.createClient({
          roles: [role],
          resources: [audience],
          access_token_ttl: 1,
        });
        const token = await tokenOf(client, { scope: 'things:read' });
        await until('the token to expire', () => isRefused(token), 10_000);
      });

      test(
        introspects
          ? 'refuses a revoked token from the next request on'
          : 'refuses a revoked token within a second',
        async () => {
          const token = await tokenOf(caller, { scope: 'things:read' });
          expect((await send('GET', token)).status).toBe(200);
          expect((await stack().revoke(token, caller)).status).toBe(200);
          if (introspects) await isRefused(token);
          else await until('the feed to tell', () => isRefused(token), 1_000);
        },
      );

      (framework ? test : test.skip)('serves its metadata (RFC 9728)', async () => {
        const { status, body } = await api.get('/.well-known/oauth-protected-resource');
        expect([status, body.resource, body.authorization_servers]).toEqual([
          200,
          audience,
          [stack().issuer],
        ]);
      });

      test('refuses a token without the scope, and names the scope', async () => {
        const refused = await send('POST', await tokenOf(caller, { scope: 'things:read' }));
        expect([refused.status, challengeOf(refused)]).toEqual([
          403,
          expect.stringMatching(
            /^Bearer realm="https:[^"]+", error="insufficient_scope", error_description="[^"]+", scope="things:write"/,
          ),
        ]);
      });

      test('reads permissions as docs/permissions.md says', async () => {
        const cases = permissionExamples.allows.filter(({ permission }) =>
          ['things.read', 'things.write'].includes(permission),
        );
        const scope = 'things:read things:write';
        let token = await tokenOf(caller, { scope });
        let tried = 0;
        for (const { granted, permission, allowed } of cases) {
          // Writ stores no pattern that means nothing.
          const { status } = await stack().api.call('PUT', `/roles/${role}`, {
            permissions: granted,
          });
          if (status !== 200) continue;
          if (!introspects) token = await tokenOf(caller, { scope });
          const answer = await send(permission === 'things.read' ? 'GET' : 'POST', token);
          expect([granted, permission, answer.status < 300]).toEqual([
            granted,
            permission,
            allowed,
          ]);
          if (!allowed)
            expect([answer.status, challengeOf(answer)]).toEqual([
              403,
              expect.stringContaining('insufficient_scope'),
            ]);
          tried += 1;
        }
        expect(tried).toBeGreaterThan(12);
      });
    });
});
