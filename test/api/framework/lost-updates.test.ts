import { beforeAll, describe, expect, test } from '@jest/globals';
import { apiScopes } from '../../../config/scopes.ts';
import type { Answer } from '../../support/http.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { makeThings, pathOf, sharedThings, tokenWith } from '../routes.ts';

/** The things that can be changed, with a change that is unique to each. */
const changeable = [
  ['PATCH', '/clients/{client_id}', () => ({ client_name: unique('name') })],
  ['PUT', '/roles/{name}', () => ({ permissions: [unique('permission')] })],
  ['PATCH', '/resources/{identifier}', () => ({ name: unique('name') })],
  ['PATCH', '/accounts/{account_id}', () => ({ name: unique('name') })],
  ['PATCH', '/tokens/{id}', () => ({ name: unique('name') })],
  ['PATCH', '/clients/{client_id}/api-keys/{key_id}', () => ({ name: unique('name') })],
  ['PATCH', '/apps/{app}/clients/{client}/api-keys/{key_id}', () => ({ name: unique('name') })],
  ['PATCH', '/apps/{app}', () => ({ display_name: unique('name') })],
  ['PATCH', '/apps/{app}/clients/{client}', () => ({ display_name: unique('name') })],
  ['PUT', '/apps/{app}/roles/{role}', () => ({ permissions: [unique('permission')] })],
  ['PUT', '/app-roles/{role}', () => ({ permissions: [unique('permission')] })],
] as const;

/** What can be deleted only in the version that was read. */
const endable = [
  '/clients/{client_id}',
  '/roles/{name}',
  '/resources/{identifier}',
  '/tokens/{id}',
  '/clients/{client_id}/api-keys/{key_id}',
  '/apps/{app}/clients/{client}/api-keys/{key_id}',
  '/apps/{app}',
  '/apps/{app}/clients/{client}',
  '/apps/{app}/roles/{role}',
] as const;

onStack((stack) => {
  let token: string;
  beforeAll(async () => {
    token = await tokenWith(stack(), Object.keys(apiScopes));
  });

  const send = (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: object,
  ): Promise<Answer> =>
    stack().request(method, `/api/v1${path}`, {
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    });

  const failed = {
    status: 412,
    body: { error: 'precondition_failed', error_description: expect.any(String) },
  };

  const tagOf = async (path: string): Promise<string> => {
    const tag = (await send('GET', path)).headers.get('etag');
    expect(tag).toMatch(/^"[\w-]+"$/);
    return tag ?? '';
  };

  describe.each(changeable)('%s %s', (method, template, change) => {
    const made = async () => pathOf({ path: template }, await sharedThings(stack()));

    test('of two concurrent changes to the same version, one is refused', async () => {
      const path = await made();
      const tag = await tagOf(path);
      const answers = await Promise.all(
        [change(), change()].map((body) => send(method, path, { 'if-match': tag }, body)),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
      expect(answers.find(({ status }) => status === 412)).toMatchObject(failed);
      const [winner] = answers.filter(({ status }) => status === 200);
      expect((await send('GET', path)).body).toEqual(winner?.body);
      expect(winner?.headers.get('etag')).toBe(await tagOf(path));
    });

    test('of many concurrent changes, exactly one succeeds', async () => {
      const path = await made();
      const headers = { 'if-match': await tagOf(path) };
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => send(method, path, headers, change())),
      );
      const statuses = answers.map(({ status }) => status).toSorted();
      expect(statuses).toEqual([200, ...Array(7).fill(412)]);
    });

    test('the ETag of a change is accepted by the next change', async () => {
      const path = await made();
      let tag = await tagOf(path);
      for (let time = 1; time <= 3; time++) {
        const answer = await send(method, path, { 'if-match': tag }, change());
        expect(answer.status).toBe(200);
        expect(answer.headers.get('etag')).not.toBe(tag);
        tag = answer.headers.get('etag') ?? '';
      }
    });

    test('If-Match takes a list and an asterisk, and no weak tag ever matches (RFC 9110 §8.8.3.2)', async () => {
      const path = await made();
      const sent = async (value: string) =>
        (await send(method, path, { 'if-match': value }, change())).status;
      expect(await sent(`W/${await tagOf(path)}`)).toBe(412);
      expect(await sent(`"a,b", W/"c" ,${await tagOf(path)}`)).toBe(200);
      expect(await sent('*')).toBe(200);
      expect(await sent('"another"')).toBe(412);
      expect(await sent((await tagOf(path)).replaceAll('"', ''))).toBe(400);
    });

    test('without If-Match the last change wins', async () => {
      const path = await made();
      await tagOf(path);
      for (let time = 1; time <= 2; time++)
        expect((await send(method, path, {}, change())).status).toBe(200);
    });

    test('a caller with the current ETag gets 304 until something changes (RFC 9110 §15.4.5)', async () => {
      const path = await made();
      const tag = await tagOf(path);
      for (const value of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
        const answer = await send('GET', path, { 'if-none-match': value });
        expect(answer).toMatchObject({ status: 304, text: '' });
        expect(answer.headers.get('etag')).toBe(tag);
      }
      await send(method, path, {}, change());
      expect((await send('GET', path, { 'if-none-match': tag })).status).toBe(200);
    });
  });

  test.each(endable)('DELETE %s deletes only the version that was read', async (template) => {
    const path = pathOf({ path: template }, await makeThings(stack()));
    expect(await send('DELETE', path, { 'if-match': '"another"' })).toMatchObject(failed);
    const tag = await tagOf(path);
    expect(await send('DELETE', path, { 'if-match': `W/${tag}` })).toMatchObject(failed);
    expect((await send('DELETE', path, { 'if-match': tag })).status).toBe(204);
  });

  test('a missing thing is 404, whatever If-Match contains', async () => {
    for (const path of [
      '/clients/nobody',
      '/resources/https%3A%2F%2Fnobody.test',
      '/accounts/nobody',
      '/accounts/00000000-0000-0000-0000-000000000000',
      `/tokens/tok_${'0'.repeat(25)}`,
      '/apps/nothing',
      '/apps/nothing/clients/nobody',
    ])
      for (const headers of [{}, { 'if-match': '*' }, { 'if-match': '"a"' }])
        expect((await send('PATCH', path, headers, {})).status).toBe(404);
  });

  test.each([
    ['POST', '/clients/{client_id}/disable', 'If-Match'],
    ['POST', '/clients/{client_id}/enable', 'If-Match'],
    ['DELETE', '/clients/{client_id}/tokens', 'If-Match'],
    ['POST', '/accounts/{account_id}/disable', 'If-Match'],
    ['DELETE', '/accounts/{account_id}/tokens', 'If-Match'],
    ['PATCH', '/clients/{client_id}', 'If-None-Match'],
    ['DELETE', '/clients/{client_id}', 'If-None-Match'],
    ['POST', '/apps/{app}/disable', 'If-Match'],
    ['POST', '/apps/{app}/clients/{client}/disable', 'If-Match'],
    ['DELETE', '/apps/{app}/members/{account_id}', 'If-Match'],
    ['DELETE', '/apps/{app}', 'If-None-Match'],
  ])('%s %s is not done in spite of %s, which it does not take', async (method, template, name) => {
    const things = await sharedThings(stack());
    const path = pathOf({ path: template }, things);
    const thing = pathOf({ path: template.replace(/\}.*/, '}') }, things);
    const before = (await send('GET', thing)).body;
    const body = method === 'PATCH' ? { client_name: 'Another' } : undefined;
    expect(await send(method, path, { [name]: '"another"' }, body)).toMatchObject({
      status: 400,
      body: {
        error: 'invalid_request',
        error_description: `This operation does not support ${name}.`,
      },
    });
    expect((await send('GET', thing)).body).toEqual(before);
  });

  describe('PUT /roles/{name}', () => {
    const set = (name: string, headers: Record<string, string>) =>
      send('PUT', `/roles/${name}`, headers, { permissions: [] });

    test('with If-None-Match: * creates a role once, however many requests come at once', async () => {
      const name = unique('role');
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => set(name, { 'if-none-match': '*' })),
      );
      const statuses = answers.map(({ status }) => status).toSorted();
      expect(statuses).toEqual([200, ...Array(5).fill(412)]);
    });

    test('with If-Match creates nothing', async () => {
      const name = unique('role');
      for (const value of ['*', '"a"'])
        expect(await set(name, { 'if-match': value })).toMatchObject(failed);
      expect((await send('GET', `/roles/${name}`)).status).toBe(404);
    });
  });

  test('concurrent changes without If-Match to different fields of a client all take effect', async () => {
    const { client_id } = await makeThings(stack());
    const path = `/clients/${client_id}`;
    const role = unique('role');
    await stack().api.setRole(role, []);
    const changes = [
      { client_name: 'A name' },
      { access_token_ttl: 60 },
      { client_uri: 'https://a.test/about' },
      { logo_uri: 'https://a.test/logo' },
      { grant_types: ['client_credentials', 'refresh_token', 'authorization_code'] },
      { response_types: ['code'], redirect_uris: ['https://a.test/back'] },
      { application_type: 'web' },
      { scope: 'things:read' },
      { rotate_refresh_tokens: false },
      { token_endpoint_auth_method: 'client_secret_post' },
      { roles: [role] },
      { resource_server_for: [] },
    ];
    // The code grant requires response_types=code and vice versa (RFC 7591 §2.1).
    const prepared = { ...changes[4], ...changes[5], redirect_uris: ['https://a.test/first'] };
    expect((await send('PATCH', path, {}, prepared)).status).toBe(200);
    const answers = await Promise.all(changes.map((change) => send('PATCH', path, {}, change)));
    expect(answers.map(({ status }) => status)).toEqual(changes.map(() => 200));
    expect((await send('GET', path)).body).toMatchObject(Object.assign({}, ...changes));
  });
});
