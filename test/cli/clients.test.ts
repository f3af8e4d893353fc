import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { writ, writHere } from '../support/command.ts';
import { keepSecret } from '../support/run-records.ts';
import { onStack, unique } from '../support/stacks.ts';
import { operatorKey, writOnTerminal } from './operator.ts';
import { withServer } from './other-server.ts';

onStack((stack) => {
  let directory: string;
  let environment: Record<string, string>;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'writ-cli-'));
    environment = {
      DATA_DIR: directory,
      WRIT_URL: stack().issuer,
      WRIT_TOKEN: await operatorKey(stack()),
    };
  });
  afterAll(() => rm(directory, { recursive: true }));

  const json = async (...args: string[]) => {
    const outcome = await writHere([...args, '--json'], environment);
    expect(outcome).toMatchObject({ code: 0, err: '' });
    return outcome.json;
  };

  describe('clients create', () => {
    test('prints the credentials of a client that then gets a token with its role', async () => {
      const role = unique('reader');
      await stack().api.setRole(role, ['things.read']);
      const id = unique('demo');
      const args = ['clients', 'create', id, '--role', role, '--json'];
      const { json: created } = await writ(args, environment);
      expect(created).toMatchObject({
        client_id: id,
        client_secret: expect.stringMatching(/^writ_cs_/),
      });
      const client = { id, secret: created.client_secret };
      const { body } = await stack().token(client);
      expect((await stack().introspect(body.access_token, client)).body).toMatchObject({
        active: true,
        roles: [role],
        entitlements: ['things.read'],
      });
      expect((await stack().revoke(body.access_token, client)).status).toBe(200);
    });

    test('prints the settings of an API with its resource server as lines for a shell, and only for one API', async () => {
      const [resource, other] = [
        `https://${unique('api')}.test/$(id)`,
        `https://${unique('api')}.test`,
      ];
      for (const identifier of [resource, other])
        await stack().api.createResource({ identifier, scopes: [{ name: 'things:read' }] });
      const create = (...args: string[]) =>
        writHere(['clients', 'create', ...args, '--resource-server-for', resource], environment);
      const id = unique('api');
      const { code, out } = await create(id);
      expect(code).toBe(0);
      const [, secret = ''] = /^client_secret +(\S+)$/m.exec(out) ?? [];
      keepSecret('client_secret', secret);
      expect(out).toContain(
        [
          '',
          'For the environment of the API:',
          `  export ISSUER=${stack().issuer} RESOURCE='${resource}'`,
          `  export CLIENT_ID=${id} CLIENT_SECRET=${secret}`,
          '',
        ].join('\n'),
      );
      for (const args of [['--json'], ['--resource-server-for', other], ['--trusted-issuer']])
        expect(await create(...args)).toMatchObject({
          code: 0,
          out: expect.not.stringContaining('export'),
        });
    });

    test('--resource, --scope and --access-token-ttl decide what its tokens are', async () => {
      const resource = `https://${unique('api')}.test`;
      const scopes = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
      await stack().api.createResource({ identifier: resource, scopes });
      const { client_id: id, client_secret: secret } = await json(
        ...['clients', 'create', '--resource', resource],
        ...['--scope', 'a', '--scope', 'b', '--access-token-ttl', '90'],
      );
      const { body } = await stack().token({ id, secret });
      expect(body).toMatchObject({ expires_in: 90, scope: 'a b' });
      const shown = await stack().introspect(body.access_token, { id, secret });
      expect(shown.body.aud).toBe(resource);
      expect((await stack().token({ id, secret }, { scope: 'c' })).body.error).toBe(
        'invalid_scope',
      );
    });

    test('--scope that no resource has is warned of on standard error, and one with commas is refused', async () => {
      const resource = `https://${unique('api')}.test`;
      await stack().api.createResource({
        identifier: resource,
        scopes: [{ name: 'parcels:read' }],
      });
      const create = (scope: string) =>
        writHere(
          ['clients', 'create', '--resource', resource, '--scope', scope, '--json'],
          environment,
        );
      const { code, err, json: made } = await create('parcels:raed');
      expect([code, err]).toEqual([
        0,
        'Warning: No resource has the scope parcels:raed. Did you mean parcels:read?\n',
      ]);
      expect(made.client_id).toEqual(expect.any(String));
      expect(await create('parcels:read,parcels:write')).toMatchObject({
        code: 1,
        err: expect.stringContaining('Scopes are separated by spaces'),
      });
    });

    test('--grant decides which grants it may use', async () => {
      const created = await json(
        ...['clients', 'create', '--grant', 'refresh_token', '--grant', 'authorization_code'],
        ...['--redirect-uri', 'https://app.test/cb', '--id-token-alg', 'ES256'],
      );
      expect(created.grant_types).toEqual(['refresh_token', 'authorization_code']);
      expect(created.id_token_signed_response_alg).toBe('ES256');
      const client = { id: created.client_id, secret: created.client_secret };
      expect((await stack().token(client)).body.error).toBe('unauthorized_client');
    });

    test('--resource-server-for lets it introspect the tokens of that resource', async () => {
      const resource = `https://${unique('api')}.test`;
      await stack().api.createResource({ identifier: resource });
      const { client_id: id, client_secret: secret } = await json(
        ...['clients', 'create', '--resource-server-for', resource],
      );
      const client = await stack().api.createClient({ resources: [resource] });
      const { body } = await stack().token(client);
      const shown = await stack().introspect(body.access_token, { id, secret });
      expect(shown.body).toMatchObject({ active: true, client_id: client.id });
    });

    test('--native lets a client receive its codes on localhost over http, which others cannot', async () => {
      const create = ['clients', 'create', '--public', '--grant', 'authorization_code'];
      const local = ['--redirect-uri', 'http://localhost:3000/callback'];
      expect(await json(...create, '--native', ...local)).toMatchObject({
        application_type: 'native',
        redirect_uris: ['http://localhost:3000/callback'],
      });
      const { code, err } = await writHere([...create, ...local], environment);
      expect([code, err]).toEqual([1, expect.stringContaining('Phone or desktop app')]);
    });

    test('--public and --jwks make clients without a secret', async () => {
      const file = path.join(directory, 'keys.json');
      const { publicKey } = await generateKeyPair('ES256');
      await writeFile(file, JSON.stringify({ keys: [await exportJWK(publicKey)] }));
      for (const [args, method] of [
        [['--public'], 'none'],
        [['--jwks', file], 'private_key_jwt'],
      ] as const) {
        const created = await json('clients', 'create', ...args);
        expect(created.token_endpoint_auth_method).toBe(method);
        expect(created).not.toHaveProperty('client_secret');
      }
    });
  });

  describe('that are strict', () => {
    const keyFile = async (): Promise<string> => {
      const file = path.join(directory, 'strict-keys.json');
      const { publicKey } = await generateKeyPair('ES256');
      await writeFile(file, JSON.stringify({ keys: [await exportJWK(publicKey)] }));
      return file;
    };

    test('--profile fapi2 sets all that the profile requires, and --clear profile keeps it', async () => {
      const args = ['--profile', 'fapi2', '--jwks', await keyFile()];
      const created = await json('clients', 'create', ...args);
      const strict = {
        token_endpoint_auth_method: 'private_key_jwt',
        require_pushed_authorization_requests: true,
        dpop_bound_access_tokens: true,
        require_pkce: true,
      };
      expect(created).toMatchObject({ profile: 'fapi2', ...strict });
      const cleared = await json('clients', 'update', created.client_id, '--clear', 'profile');
      expect(cleared).toMatchObject(strict);
      expect(cleared).not.toHaveProperty('profile');
    });

    test('a client with a secret is refused the profile, with every reason', async () => {
      const { client_id: id } = await json('clients', 'create', '--no-require-pkce');
      const { code, err } = await writ(
        ['clients', 'update', id, '--profile', 'fapi2', '--yes'],
        environment,
      );
      expect([code, err]).toEqual([1, expect.stringContaining('must be private_key_jwt')]);
      expect(err).toContain('require_pkce must be true');
    });

    test('a client with a certificate needs a server that gets certificates', async () => {
      for (const args of [
        ['--certificate-dns', 'jobs.acme.test'],
        ['--self-signed', '--jwks', await keyFile()],
        ['--certificate-bound-tokens'],
      ]) {
        const { code, err } = await writ(['clients', 'create', ...args], environment);
        expect([code, err]).toEqual([1, expect.stringMatching(/CLIENT_CERTIFICATE_HEADER|x5c/)]);
      }
    });

    test('an update that revokes the tokens of a client asks first, and only then', async () => {
      const { client_id: id } = await json('clients', 'create');
      const update = ['clients', 'update', id, '--dpop-bound-access-tokens'];
      const refused = await writ(update, environment);
      expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('--yes')]);
      const { questions } = await writOnTerminal(update, environment, { answer: 'n' });
      expect(questions).toEqual([expect.stringContaining('revoke all that it has?')]);
      expect(await json('clients', 'show', id)).not.toHaveProperty('dpop_bound_access_tokens');
      expect(await json(...update, '--yes')).toMatchObject({ dpop_bound_access_tokens: true });
      await json(...update, '--access-token-ttl', '1h');
    });

    test('the types of authorization details are added and removed one by one', async () => {
      const option = '--authorization-details-type';
      const { client_id: id } = await json('clients', 'create', option, 'project', option, 'team');
      const type = 'authorization-details-type';
      const types = async (...edit: string[]) =>
        (await json('clients', 'update', id, ...edit)).authorization_details_types;
      expect(await types('--remove', `${type}=team`)).toEqual(['project']);
      expect(await types('--add', `${type}=list`)).toEqual(['project', 'list']);
      expect(await types('--clear', type)).toBeUndefined();
    });
  });

  describe('of devices', () => {
    const device = 'urn:ietf:params:oauth:grant-type:device_code';

    test('clients create --device makes a client that people log in by a code, and that stays logged in', async () => {
      const created = await json('clients', 'create', '--device', '--name', 'My command line');
      expect(created).toMatchObject({
        token_endpoint_auth_method: 'none',
        grant_types: [device, 'refresh_token'],
        response_types: [],
      });
      expect(created).not.toHaveProperty('client_secret');
    });

    test('--grant takes the short name of the device grant, for a client with a secret too', async () => {
      const created = await json('clients', 'create', '--grant', 'device_code');
      expect(created).toMatchObject({ grant_types: [device], client_secret: expect.any(String) });
      const { client_id: id } = created;
      const added = await json('clients', 'update', id, '--add', 'grant=refresh_token');
      expect(added.grant_types).toEqual([device, 'refresh_token']);
      const removed = await json('clients', 'update', id, '--remove', 'grant=device_code');
      expect(removed.grant_types).toEqual(['refresh_token']);
    });

    test('--device-lifetime and --no-enforce-polling-interval are kept, changed and cleared', async () => {
      const created = await json(
        ...['clients', 'create', '--device', '--no-enforce-polling-interval'],
        ...['--device-lifetime', '86400', '--device-lifetime', '3600'],
      );
      expect(created).toMatchObject({
        device_lifetimes: [86_400, 3_600],
        enforce_polling_interval: false,
      });
      const { client_id: id } = created;
      const added = await json('clients', 'update', id, '--add', 'device-lifetime=60');
      expect(added.device_lifetimes).toEqual([86_400, 3_600, 60]);
      const removed = await json('clients', 'update', id, '--remove', 'device-lifetime=86400');
      expect(removed.device_lifetimes).toEqual([3_600, 60]);
      const cleared = await json(
        ...['clients', 'update', id, '--clear', 'device-lifetime'],
        ...['--clear', 'enforce-polling-interval'],
      );
      expect(cleared).not.toHaveProperty('device_lifetimes');
      expect(cleared).not.toHaveProperty('enforce_polling_interval');
    });

    test('--require-pkce and --token-endpoint-audience are kept, changed and cleared', async () => {
      const created = await json(
        ...['clients', 'create', '--no-require-pkce', '--token-endpoint-audience'],
      );
      expect(created).toMatchObject({ require_pkce: false, token_endpoint_audience: true });
      const { client_id: id } = created;
      const updated = await json(
        ...['clients', 'update', id, '--require-pkce', '--no-token-endpoint-audience'],
      );
      expect(updated).toMatchObject({ require_pkce: true, token_endpoint_audience: false });
      const cleared = await json('clients', 'update', id, '--clear', 'require-pkce');
      expect(cleared).not.toHaveProperty('require_pkce');
    });

    test('an update of something else says nothing of the polling interval', async () => {
      const { client_id: id } = await json('clients', 'create', '--device');
      const updated = await json('clients', 'update', id, '--name', 'Another');
      expect(updated).not.toHaveProperty('enforce_polling_interval');
    });
  });

  describe('clients update', () => {
    test('an option replaces, --add, --remove and --clear change what is there', async () => {
      const [reader, editor] = [unique('reader'), unique('editor')];
      for (const role of [reader, editor]) await stack().api.setRole(role, []);
      const resource = `https://${unique('api')}.test`;
      const scopes = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
      await stack().api.createResource({ identifier: resource, scopes });
      const { client_id: id } = await json(
        ...['clients', 'create', '--role', reader, '--name', 'Demo', '--scope', 'a b'],
        ...['--resource', resource],
      );
      expect(
        await json(
          ...['clients', 'update', id, '--add', `role=${editor}`, '--remove', `role=${reader}`],
          ...['--access-token-ttl', '90', '--rotate-refresh-tokens', '--clear', 'name'],
          ...['--remove', 'scope=a', '--add', 'scope=c'],
        ),
      ).toMatchObject({
        roles: [editor],
        access_token_ttl: 90,
        rotate_refresh_tokens: true,
        scope: 'b c',
      });
      const shown = await json('clients', 'show', id);
      expect(shown).not.toHaveProperty('client_name');
      expect(await json('clients', 'update', id, '--role', reader)).toMatchObject({
        roles: [reader],
        access_token_ttl: 90,
      });
      expect(
        await json('clients', 'update', id, '--clear', 'role', '--clear', 'access-token-ttl'),
      ).toMatchObject({ roles: [] });
      expect(await json('clients', 'show', id)).not.toHaveProperty('access_token_ttl');
    });

    test('--add grant and redirect-uri make a client of a login', async () => {
      const { client_id: id } = await json('clients', 'create');
      const updated = await json(
        ...['clients', 'update', id, '--add', 'grant=authorization_code'],
        ...['--add', 'redirect-uri=https://app.test/cb?a=b'],
      );
      expect(updated).toMatchObject({
        grant_types: ['client_credentials', 'authorization_code'],
        response_types: ['code'],
        redirect_uris: ['https://app.test/cb?a=b'],
      });
    });

    test('what is not there cannot be removed, and nothing else is done either', async () => {
      const { client_id: id } = await json('clients', 'create', '--name', 'Kept');
      const args = ['clients', 'update', id, '--name', 'Lost', '--remove', 'role=nobody'];
      expect(await writHere(args, environment)).toMatchObject({
        code: 1,
        out: '',
        err: 'writ: It has no role "nobody", so nothing was changed.\n',
      });
      expect(await json('clients', 'show', id)).toMatchObject({ client_name: 'Kept' });
    });

    test('a change that somebody else made meanwhile is not overwritten', async () => {
      const { client_id: id } = await json('clients', 'create', '--name', 'First');
      const outcome = await withServer(
        async (request, response) => {
          if (request.method === 'PATCH')
            await stack().api.call('PATCH', `/clients/${id}`, { client_name: 'Theirs' });
          const answer = await stack().request(request.method ?? '', request.url ?? '', {
            headers: Object.entries(request.headers).filter(
              ([name]) => name === 'authorization' || name.includes('-'),
            ) as [string, string][],
            ...(request.method === 'PATCH' && { body: JSON.stringify({ client_name: 'Ours' }) }),
          });
          const etag = answer.headers.get('etag');
          response.writeHead(answer.status, { ...(etag && { etag }) }).end(answer.text);
        },
        (url) => writHere(['--url', url, 'clients', 'update', id, '--name', 'Ours'], environment),
      );
      expect(outcome).toMatchObject({
        code: 1,
        out: '',
        err: 'writ: It was changed in the meantime, so nothing was done. Run the command again.\n',
      });
      expect(await json('clients', 'show', id)).toMatchObject({ client_name: 'Theirs' });
    });
  });

  test('clients list, show, disable, enable and delete', async () => {
    const client = await stack().api.createClient({ client_id: unique('listed') });
    const list = await json('clients', 'list');
    expect(list.map(({ client_id }: { client_id: string }) => client_id)).toContain(client.id);
    expect(await json('clients', 'show', client.id)).toMatchObject({
      client_id: client.id,
      disabled_at: null,
    });
    const getsTokens = async () => (await stack().token(client)).status === 200;
    expect((await json('clients', 'disable', client.id)).disabled_at).not.toBeNull();
    expect(await getsTokens()).toBe(false);
    expect((await json('clients', 'enable', client.id)).disabled_at).toBeNull();
    expect(await getsTokens()).toBe(true);
    await json('clients', 'delete', client.id, '--yes');
    expect(await getsTokens()).toBe(false);
    const gone = await writHere(['clients', 'show', client.id], environment);
    expect(gone).toMatchObject({ code: 1, out: '', err: expect.stringContaining(client.id) });
  });

  test('clients list fits a terminal of 80 columns, with grants by the names that --grant takes', async () => {
    const id = unique('tv');
    await json('clients', 'create', id, '--device', '--name', 'The television in the living room');
    const { out } = await writOnTerminal(['clients', 'list'], environment);
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(out).toMatch(new RegExp(`^${id} .* device_code +- +active$`, 'm'));
    const shown = await writHere(['clients', 'show', id], environment);
    expect(shown.out).toMatch(/^grant_types +device_code, refresh_token$/m);
  });

  test.each([
    ['--grant', 'bogus', /^writ: --grant: allowed are .*\bdevice_code\b.*\bjwt_bearer\.$/m],
    ['--grant', 'authorization_code', /^writ: --redirect-uri: at least one is needed/],
    [
      '--role',
      'absent',
      /The role absent does not exist\. Create it first: npx writ roles set absent/,
    ],
  ])('%s %s is refused in words of the command, with what to do', async (option, value, words) => {
    const args = ['clients', 'create', unique('refused'), option, value];
    const { code, err } = await writHere(args, environment);
    expect(code).toBe(1);
    expect(err).toMatch(words);
    expect(err).not.toContain('urn:');
  });

  test('clients list goes through all pages', async () => {
    await Promise.all(
      Array.from({ length: 101 }, () => stack().api.createClient({ grant_types: [] })),
    );
    const { body } = await stack().api.call('GET', '/clients?limit=500');
    expect(body.items.length).toBeGreaterThan(101);
    expect(await json('clients', 'list')).toEqual(body.items);
  });

  test('clients secrets add, list and revoke', async () => {
    const client = await stack().api.createClient();
    const getsTokens = async (secret: string) =>
      (await stack().token({ id: client.id, secret })).status === 200;
    const added = await json('clients', 'secrets', 'add', client.id);
    expect(await getsTokens(added.client_secret)).toBe(true);
    const listed = await json('clients', 'secrets', 'list', client.id);
    expect(listed.map(({ hint }: { hint: string }) => hint)).toEqual([
      client.secret.slice(-4),
      added.client_secret.slice(-4),
    ]);
    await json('clients', 'secrets', 'revoke', client.id, listed[0].id);
    expect(await getsTokens(client.secret)).toBe(false);
    expect(await getsTokens(added.client_secret)).toBe(true);
  });

  test('clients secrets add takes a secret over from a file or a pipe, so that no shell remembers it', async () => {
    const client = await stack().api.createClient();
    const file = path.join(directory, 'secret');
    const [fromFile, fromPipe] = ['a secret that came in a file', 'a secret that came in a pipe'];
    await writeFile(file, `${fromFile}\n`);
    await json('clients', 'secrets', 'add', client.id, '--value-from', file);
    const args = ['clients', 'secrets', 'add', client.id, '--value-from', '-'];
    const piped = await writ(args, environment, `${fromPipe}\n`);
    expect(piped).toMatchObject({ code: 0, err: '' });
    expect(piped.out).not.toContain(fromPipe);
    for (const secret of [fromFile, fromPipe])
      expect((await stack().token({ id: client.id, secret })).status).toBe(200);
  });

  test('initial-access-tokens create, list and revoke', async () => {
    const name = unique('token');
    const created = await json(
      ...['initial-access-tokens', 'create', name, '--uses', '3', '--expires', '1h'],
    );
    expect(created).toMatchObject({
      name,
      uses: 0,
      max_uses: 3,
      resources: [],
      initial_access_token: expect.stringMatching(/^writ_ia_/),
    });
    const { initial_access_token: value, ...shown } = created;
    const wrong = ['initial-access-tokens', 'create', name, '--uses', 'x'];
    expect((await writ(wrong, environment)).err).toContain('Expected a whole number');
    expect(await json('initial-access-tokens', 'list')).toContainEqual(shown);
    expect((await writ(['initial-access-tokens', 'list'], environment)).out).not.toContain(value);
    await json('initial-access-tokens', 'revoke', created.id);
    expect(await json('initial-access-tokens', 'list')).not.toContainEqual(shown);
  });

  test('cross-app-access says where a client gets access for people, and for whom', async () => {
    const role = unique('staff');
    await stack().api.setRole(role, []);
    const client = unique('assistant');
    await json('clients', 'create', client, '--grant', 'token_exchange');
    const audience = `https://${unique('chat')}.example`;
    const id = unique('at-chat');
    const created = await json(
      ...['cross-app-access', 'create', id, '--client', client, '--audience', audience],
      ...['--client-id-there', 'f53f', '--scope', 'chat.read', '--role', role],
    );
    expect(created).toMatchObject({ id, client, audience, roles: [role], lifetime: 300 });
    const updated = await json(
      ...['cross-app-access', 'update', id, '--add', 'scope=chat.write', '--clear', 'role'],
      '--no-enabled',
    );
    expect(updated).toMatchObject({
      scopes: ['chat.read', 'chat.write'],
      roles: null,
      enabled: false,
    });
    expect(await json('cross-app-access', 'show', id)).toEqual(updated);
    expect(await json('cross-app-access', 'list')).toContainEqual(updated);
    await json('cross-app-access', 'delete', id, '--yes');
    expect((await stack().api.call('GET', `/cross-app-access/${id}`)).status).toBe(404);
  });
});
