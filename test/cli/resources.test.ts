import { expect, test } from '@jest/globals';
import { onStack, unique } from '../support/stacks.ts';
import { operatorOf } from './operator.ts';

onStack((stack) => {
  const { json, script } = operatorOf(stack);
  const newIdentifier = () => `https://${unique('api')}.test`;

  test('resources create, show and list', async () => {
    const identifier = newIdentifier();
    const created = await json(
      ...['resources', 'create', identifier, '--name', 'An API', '--format', 'jwt'],
      ...['--alg', 'EdDSA', '--scope', 'things:read=See = look at things', '--scope', 'things:all'],
      ...['--access-token-ttl', '90', '--claims', '{"tenant":"tenant_id"}'],
    );
    expect(created).toEqual({
      identifier,
      name: 'An API',
      scopes: [
        { name: 'things:read', description: 'See = look at things' },
        { name: 'things:all', description: '' },
      ],
      token_format: 'jwt',
      signing_alg: 'EdDSA',
      access_token_ttl: 90,
      default: false,
      apps: null,
      personal_access_tokens: null,
      self_registered_clients: null,
      authorization_details_types: [],
      claims: { tenant: 'tenant_id' },
    });
    expect(await json('resources', 'list')).toContainEqual(created);
    expect(await json('resources', 'show', identifier)).toEqual(created);
    const client = await stack().api.createClient({ resources: [identifier] });
    expect((await stack().token(client)).body.access_token).toMatch(/^eyJ/);
    const shown = await script('resources', 'show', identifier);
    expect(shown.out).toContain('things:read  See = look at things');
  });

  test('resources update replaces, adds, removes and clears, for tokens from then on', async () => {
    const identifier = newIdentifier();
    await json(
      ...['resources', 'create', identifier, '--scope', 'a=Before', '--scope', 'b'],
      ...['--access-token-ttl', '90'],
    );
    const client = await stack().api.createClient({ resources: [identifier] });
    const updated = await json(
      ...['resources', 'update', identifier, '--format', 'jwt', '--access-token-ttl', '1h'],
      ...['--add', 'scope=a=After', '--add', 'scope=c', '--remove', 'scope=b'],
    );
    expect(updated).toMatchObject({
      token_format: 'jwt',
      access_token_ttl: 3600,
      scopes: [
        { name: 'a', description: 'After' },
        { name: 'c', description: '' },
      ],
    });
    expect((await stack().token(client, { scope: 'c' })).body.access_token).toMatch(/^eyJ/);
    expect((await stack().token(client, { scope: 'b' })).body.error).toBe('invalid_scope');
    expect(await json('resources', 'update', identifier, '--scope', 'd')).toMatchObject({
      scopes: [{ name: 'd', description: '' }],
      token_format: 'jwt',
    });
    const cleared = await script('resources', 'update', identifier, '--clear', 'access-token-ttl');
    expect(cleared).toMatchObject({
      code: 0,
      out: expect.not.stringContaining('access_token_ttl'),
      err: expect.stringMatching(
        /^Warning: JWT access tokens live 30 days\..*\(--access-token-ttl 1h\)/,
      ),
    });
  });

  test('resources are opened to apps, within limits, and closed again', async () => {
    const identifier = newIdentifier();
    const create = ['resources', 'create', identifier, '--scope', 'a'];
    expect(await json(...create, '--apps-format', 'jwt')).toMatchObject({
      apps: { token_formats: ['jwt'], longest_access_token_ttl: 2_592_000 },
    });
    const { client } = await json('apps', 'create', unique('app'));
    const token = () =>
      stack().token(
        { id: client.client_id, secret: client.client_secret },
        { resource: identifier, scope: 'a' },
      );
    expect((await token()).status).toBe(200);
    const update = (...args: string[]) => json('resources', 'update', identifier, ...args);
    expect(await update('--apps-longest-ttl', '90')).toMatchObject({
      apps: { token_formats: ['jwt'], longest_access_token_ttl: 90 },
    });
    expect((await token()).body.expires_in).toBe(90);
    expect(await update('--name', 'Other')).toMatchObject({
      apps: { longest_access_token_ttl: 90 },
    });
    expect(await update('--no-apps')).toMatchObject({ apps: null });
    expect((await token()).body.error).toBe('invalid_target');
    expect(await update('--apps')).toMatchObject({
      apps: { token_formats: ['opaque', 'jwt'], longest_access_token_ttl: 2_592_000 },
    });
    expect(
      await script('resources', 'update', identifier, '--no-apps', '--apps-format', 'jwt'),
    ).toMatchObject({ code: 2, out: '' });
    expect(await script('resources', 'update', identifier, '--apps-format', 'x')).toMatchObject({
      code: 1,
    });
    expect(await update('--apps-longest-api-token-ttl', '90d')).toMatchObject({
      apps: { longest_api_token_ttl: 90 * 86_400 },
    });
    expect(await update('--apps-longest-api-token-ttl', 'never')).toMatchObject({
      apps: { longest_access_token_ttl: 2_592_000, longest_api_token_ttl: null },
    });
    const [closed, open] = [newIdentifier(), identifier];
    await json('resources', 'create', closed);
    const { out } = await script('resources', 'list');
    expect(out).toMatch(new RegExp(`^${open} .*yes$`, 'm'));
    expect(out).toMatch(new RegExp(`^${closed} .*no$`, 'm'));
  });

  test('resources say what people may have of them, and what their tokens can be limited to', async () => {
    const identifier = newIdentifier();
    expect(
      await json(
        ...['resources', 'create', identifier, '--personal-tokens'],
        ...['--details-type', 'database=A database=read, write'],
        ...['--details-type', 'acme.com/project:v1=A project'],
      ),
    ).toMatchObject({
      personal_access_tokens: { longest_ttl: 366 * 86_400 },
      authorization_details_types: [
        { type: 'database', description: 'A database', actions: ['read', 'write'] },
        { type: 'acme.com/project:v1', description: 'A project', actions: [] },
      ],
    });
    const shown = await script('resources', 'show', identifier);
    expect(shown.out).toContain('database             A database: read, write');
    const update = (...args: string[]) => json('resources', 'update', identifier, ...args);
    expect(
      await update(
        ...['--no-personal-tokens', '--remove', 'details-type=database'],
        ...['--add', 'details-type=acme.com/project:v1=A project=read'],
      ),
    ).toMatchObject({
      personal_access_tokens: null,
      authorization_details_types: [{ type: 'acme.com/project:v1', actions: ['read'] }],
    });
    expect(await update('--personal-tokens')).toMatchObject({
      personal_access_tokens: { longest_ttl: 366 * 86_400 },
    });
    for (const options of [['--personal-tokens-longest-ttl', '7d'], ['--personal-tokens']])
      expect(await update(...options)).toMatchObject({
        personal_access_tokens: { longest_ttl: 7 * 86_400 },
      });
    expect(await update('--personal-tokens-longest-ttl', 'never')).toMatchObject({
      personal_access_tokens: { longest_ttl: null },
    });
    expect(await update('--personal-tokens-without', 'things:write')).toMatchObject({
      personal_access_tokens: { longest_ttl: null, withheld_scopes: ['things:write'] },
    });
    expect(await update('--self-registered', '--self-registered-scope', 'a')).toMatchObject({
      self_registered_clients: { scopes: ['a'], longest_access_token_ttl: 86_400 },
    });
    expect(await update('--self-registered-longest-ttl', '1h')).toMatchObject({
      self_registered_clients: { scopes: ['a'], longest_access_token_ttl: 3600 },
    });
    expect(await update('--no-self-registered')).toMatchObject({ self_registered_clients: null });
    for (const wrong of [
      ['--no-self-registered', '--self-registered-scope', 'a'],
      ['--no-personal-tokens', '--personal-tokens-longest-ttl', '7d'],
      ['--no-personal-tokens', '--personal-tokens-without', 'things:write'],
      ['--personal-tokens-longest-ttl', 'soon'],
      ['--apps-longest-api-token-ttl', '1y'],
    ])
      expect(await script('resources', 'update', identifier, ...wrong)).toMatchObject({
        code: 2,
        out: '',
      });
    expect(
      await script('resources', 'update', identifier, '--details-type', 'database'),
    ).toMatchObject({ code: 1, err: expect.stringContaining('description') });
  });

  test('resources delete ends one that no client has, and says which client has another', async () => {
    const [free, held] = [newIdentifier(), newIdentifier()];
    for (const identifier of [free, held]) await json('resources', 'create', identifier);
    const { id } = await stack().api.createClient({ resources: [held] });
    expect(await json('resources', 'delete', free, '--yes')).toEqual({
      identifier: free,
      deleted: true,
    });
    expect((await script('resources', 'show', free)).code).toBe(1);
    expect(await script('resources', 'delete', held, '--yes')).toMatchObject({
      code: 1,
      err: expect.stringContaining(id),
    });
  });
});
