import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { apiScopes } from '../../../config/scopes.ts';
import { onStack, unique } from '../../support/stacks.ts';
import {
  makeThings,
  nameOf,
  pathOf,
  type Route,
  routes,
  type Things,
  tokenWith,
} from '../routes.ts';
import { wrongInput } from './wrong-input.ts';

onStack((stack) => {
  let token: string;
  let things: Things;
  beforeAll(async () => {
    token = await tokenWith(stack(), Object.keys(apiScopes));
    things = await makeThings(stack());
  });

  const send = (route: Route, path: string, init: RequestInit = {}) =>
    stack().request(route.method, `/api/v1${path}`, {
      ...init,
      headers: {
        authorization: `Bearer ${token}`,
        ...(init.body !== undefined && { 'content-type': 'application/json' }),
        ...init.headers,
      },
    });

  const refused = (status: number, error = 'invalid_request') => ({
    status,
    body: { error, error_description: expect.stringMatching(/^[\x20-\x7e]+$/) },
  });

  const withBody = routes.filter(({ body }) => body);
  describe.each(withBody.map((route) => [nameOf(route), route] as const))('%s', (_name, route) => {
    test.each([
      ['not JSON', '{"client_id":'],
      ['not an object', '[]'],
      ['null', 'null'],
      ['a number', '1'],
      ['nested 25,000 deep', `${'['.repeat(25_000)}${']'.repeat(25_000)}`],
    ])('a body that is %s: 400', async (_what, body) => {
      const path = pathOf(route, things);
      expect(await send(route, path, { body })).toMatchObject(refused(400));
    });

    test('a body with another content type: 415', async () => {
      const path = pathOf(route, things);
      for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data'])
        expect(
          await send(route, path, { body: '{}', headers: { 'content-type': type } }),
        ).toMatchObject(refused(415));
    });

    test('a body of 2 MB: 413', async () => {
      const path = pathOf(route, things);
      const body = JSON.stringify({ name: 'a'.repeat(2 << 20) });
      expect(await send(route, path, { body })).toMatchObject(refused(413));
    });
  });

  test('a request without a body can have any content type, as curl -X POST sends', async () => {
    const { hostname, port } = new URL(stack().origin);
    const socket = connect(Number(port), hostname);
    // fetch would add a Content-Length.
    socket.write(
      `POST /api/v1/clients/${things.client_id}/secrets HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n`,
    );
    // The secret in the response does not matter here.
    expect((await text(socket)).split('\r\n')[0]).toBe('HTTP/1.1 201 Created');
  });

  const wrong = routes.flatMap((route) =>
    (wrongInput[nameOf(route)] ?? []).map(
      (input) => [nameOf(route), JSON.stringify(Object.values(input)[0]), route, input] as const,
    ),
  );
  test.each(wrong)('%s with %s: 400', async (_name, _input, route, input) => {
    const path = pathOf(route, things);
    const answer =
      'query' in input
        ? await send(route, path + input.query)
        : await send(route, path, { body: JSON.stringify(input.body) });
    expect(answer.status).toBe(400);
    expect([
      'invalid_request',
      'invalid_client_metadata',
      'invalid_scope',
      'invalid_target',
      'invalid_authorization_details',
    ]).toContain(answer.body.error);
    expect(answer.body.error_description).toEqual(expect.any(String));
  });

  describe('every problem is listed with its parameter', () => {
    const call = (method: string, path: string, body: object) =>
      stack().api.call(method, path, body);

    test('in a body', async () => {
      const body = {
        subject: { type: 7 },
        expires_at: 'soon',
        roles: ['reader', 8],
        colour: 'red',
        'a b': 1,
      };
      const answer = await call('POST', '/tokens', body);
      expect(answer.status).toBe(400);
      const { error, error_description: sentence, details } = answer.body;
      expect(error).toBe('invalid_request');
      expect(details.map((detail: { parameter: string }) => detail.parameter).toSorted()).toEqual(
        [
          '["a b"]',
          'colour',
          'expires_at',
          'name',
          'roles[1]',
          'subject.id',
          'subject.type',
        ].toSorted(),
      );
      for (const { parameter, message } of details)
        expect(sentence).toContain(`${parameter}: ${message}`);
    });

    test('in a query', async () => {
      const { status, body } = await stack().api.call('GET', '/clients?limit=0&order=id');
      expect(status).toBe(400);
      expect(body.details).toEqual([
        { parameter: 'limit', message: expect.any(String) },
        { parameter: 'order', message: 'is not a parameter of this operation' },
      ]);
    });

    test('but not for a body that is wrong as a whole, which has no parameter', async () => {
      const { status, body } = await stack().api.call('POST', '/tokens', []);
      expect(status).toBe(400);
      expect(body.details).toEqual([{ message: expect.any(String) }]);
    });

    test('by the rules of the domain, with their messages', async () => {
      const over = await call('POST', '/tokens', {
        client_id: things.client_id,
        subject: { type: 'user', id: '42' },
        name: 'a token',
        expires_at: '2001-01-01T00:00:00Z',
      });
      const message = 'must be a time in the future.';
      expect(over.body).toEqual({
        error: 'invalid_request',
        error_description: `expires_at: ${message}`,
        details: [{ parameter: 'expires_at', message }],
      });
      const taken = await call('POST', '/apps', { display_name: 'Taken', name: things.app });
      expect(taken).toMatchObject({ status: 409, body: { details: [{ parameter: 'name' }] } });
      const website = {
        name: 'website',
        kind: 'website',
        role: 'Reader',
        redirect_uris: ['https://example.com/callback', 'https://example.com/#fragment'],
      };
      const fragment = await call('POST', `/apps/${things.app}/clients`, website);
      expect(fragment).toMatchObject({
        status: 400,
        body: { details: [{ parameter: 'redirect_uris[1]' }] },
      });
      const absent = await call('POST', '/clients', { resource_server_for: ['urn:absent'] });
      expect(absent).toMatchObject({
        status: 400,
        body: { details: [{ parameter: 'resource_server_for' }] },
      });
      const administrator = await call('POST', '/clients', { roles: ['administrator'] });
      expect(administrator).toMatchObject({
        status: 400,
        body: { details: [{ parameter: 'roles' }] },
      });
    });

    test('and not for an error without a parameter', async () => {
      const { body } = await stack().api.call('GET', `/clients/${unique('nothing')}`);
      expect(Object.keys(body)).toEqual(['error', 'error_description']);
    });

    test('and not by the protocol endpoints, whose errors are those of RFC 6749 §5.2', async () => {
      const { status, body } = await stack().request('POST', '/connect/introspect', {
        body: new URLSearchParams([
          ['token', 'a'],
          ['token', 'b'],
        ]),
      });
      expect(status).toBe(400);
      expect(body.error_description).toBe('The parameter token is repeated.');
      expect(Object.keys(body)).toEqual(['error', 'error_description']);
    });
  });

  const named = routes.filter(({ path }) => path.includes('{'));
  test.each(named.map((route) => [nameOf(route), route] as const))(
    '%s for a thing that does not exist: 404, whatever its name',
    async (_name, route) => {
      const names = [
        unique('nothing'),
        '%00',
        'a%00b',
        '%FF',
        '%ED%A0%80',
        '%2e%2e',
        '%F0%9F%97%9D',
        '%27%3B--',
        'a'.repeat(4_000),
        '00000000-0000-0000-0000-000000000000',
        `tok_${'0'.repeat(25)}`,
        `tok_${'z'.repeat(25)}`,
      ];
      const body = route.body ? JSON.stringify(route.body(things)) : undefined;
      for (const name of names) {
        const path = route.path.replaceAll(/\{\w+\}/g, name);
        const { status } = await send(route, path, body ? { body } : {});
        // Delete what was created, for the routes that follow.
        if (route.method === 'PUT') await stack().api.call('DELETE', path);
        // Some of these are invalid names of roles; and dots resolve to another path, which may exist.
        const expected =
          route.method === 'PUT'
            ? [200, 400, 404]
            : name === '%2e%2e'
              ? [200, 400, 404, 405]
              : [404];
        expect({ name, expected: expected.includes(status) ? status : expected }).toEqual({
          name,
          expected: status,
        });
      }
    },
  );

  test.each([1_000, 5_000, 20_000])('a key that is nested %d deep causes no 500', async (depth) => {
    const keys = `[{"kty":"EC","a":${'['.repeat(depth)}${']'.repeat(depth)}}]`;
    const body = `{"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":${keys}}}`;
    const route = routes.find((each) => nameOf(each) === 'POST /clients');
    if (!route) throw new Error('no such route');
    const { status } = await send(route, route.path, { body });
    expect([201, 400]).toContain(status);
  });

  test('a secret of another client is not found under this one', async () => {
    const [one, other] = [await makeThings(stack()), await makeThings(stack())];
    const path = `/clients/${one.client_id}/secrets/${other.secret_id}`;
    expect(await stack().api.call('DELETE', path)).toMatchObject(refused(404, 'not_found'));
  });

  test('none of these requests caused an error in the log', () => {
    expect(stack().logged()).not.toMatch(/"level":(50|60)/);
  });
});
