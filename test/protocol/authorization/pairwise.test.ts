import { afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { Answer } from '../../support/http.ts';
import { signedIn } from '../../support/people.ts';
import { onStack } from '../../support/stacks.ts';
import { allow, type LoginClient, makeLoginClient } from './support.ts';

type Person = Awaited<ReturnType<typeof signedIn>>;

/** Pairwise subjects (OpenID Connect Core §8). */
onStack((stack) => {
  let person: Person;
  beforeAll(async () => {
    person = await signedIn(stack());
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const pairwise = (host: string, metadata: Record<string, unknown> = {}) =>
    makeLoginClient(stack(), 'server', {
      redirect_uris: [`https://${host}/back`],
      subject_type: 'pairwise',
      ...metadata,
    });

  const logIn = async (
    app: LoginClient,
    changed: Record<string, string> = {},
    by = person,
  ): Promise<Answer['body']> => {
    const begun = app.begin({ scope: 'openid offline_access things:read', ...changed });
    const { status, body } = await app.redeem(begun, await allow(by.visitor, begun));
    expect([status, body.error]).toEqual([200, undefined]);
    return body;
  };

  const subOf = async (app: LoginClient, by = person): Promise<unknown> =>
    decodeJwt((await logIn(app, {}, by)).id_token).sub;

  test('a client knows a person under one ID of its own, wherever it reads it', async () => {
    const app = await pairwise('one.test');
    const body = await logIn(app);
    const { sub } = decodeJwt(body.id_token);
    expect(sub).toMatch(/^[\w-]{43}$/);
    const authorization = `Bearer ${body.access_token}`;
    expect((await stack().get('/connect/userinfo', { authorization })).body.sub).toBe(sub);
    for (const token of [body.access_token, body.refresh_token])
      expect((await stack().introspect(token, app.client)).body).toMatchObject({
        active: true,
        sub,
      });
    const refreshed = await stack().post(
      '/connect/token',
      { grant_type: 'refresh_token', refresh_token: body.refresh_token },
      app.client,
    );
    expect(decodeJwt(refreshed.body.id_token).sub).toBe(sub);
    expect(await subOf(app)).toBe(sub);
  });

  test('clients of other hosts know them under others, and another person has another', async () => {
    const other = await signedIn(stack());
    const subs = [
      await subOf(await pairwise('one.test')),
      await subOf(await pairwise('two.test')),
      await subOf(await pairwise('one.test'), other),
      person.accountId,
      other.accountId,
    ];
    expect(new Set(subs).size).toBe(subs.length);
    expect(await subOf(await pairwise('one.test'))).toBe(subs[0]);
  });

  test('an API sees the ID of the account, and the client gets no JWT to read it in', async () => {
    const app = await pairwise('one.test');
    await stack().domain.resources.update(app.resource, { tokenFormat: 'jwt' });
    const { access_token } = await logIn(app);
    expect(access_token).toMatch(/^writ_at_/);
    expect((await app.introspect(access_token)).body).toMatchObject({
      active: true,
      sub: person.accountId,
    });
  });

  test('it gets no token for the API of Writ, which shows the IDs of accounts', async () => {
    const { apiResource } = stack();
    const app = await pairwise('one.test', { scope: 'openid apps:read' });
    const path = `/clients/${app.client.id}`;
    const added = await stack().api.call('PATCH', path, { resources: [apiResource] });
    expect([added.status, added.body.error]).toEqual([400, 'invalid_client_metadata']);
    // As if the client had both before they were refused together.
    await stack()
      .database.kysely.updateTable('client')
      .set({ resources: [apiResource] })
      .where('client_id', '=', app.client.id)
      .execute();
    const begun = app.begin({ scope: 'openid apps:read', resource: apiResource });
    const sent = await person.visitor.get(begun.path);
    expect(URL.parse(sent.location ?? '')?.searchParams.get('error')).toBe('invalid_target');
    const changed = await stack().api.call('PATCH', path, { subject_type: 'public' });
    expect(changed.status).toBe(200);
    expect((await person.visitor.get(begun.path)).location).toMatch(/^\/consent\//);
  });

  test('its ID token is a hint about the person, and no other ID is', async () => {
    const app = await pairwise('one.test');
    const { id_token } = await logIn(app);
    expect(await logIn(app, { id_token_hint: id_token })).toHaveProperty('id_token');
    const { sub } = decodeJwt(id_token);
    const claims = (value: unknown) => JSON.stringify({ id_token: { sub: { value } } });
    expect(await logIn(app, { claims: claims(sub) })).toHaveProperty('id_token');
    await expect(logIn(app, { claims: claims(person.accountId) })).rejects.toThrow();
  });

  describe('a sector', () => {
    const uri = 'https://sector.test/uris.json';

    /** What the engine opens `uri` with. */
    const serving = (respond: () => Response | Promise<Response>) => {
      const opened: RequestInit[] = [];
      const { fetch } = globalThis;
      jest.spyOn(globalThis, 'fetch').mockImplementation(async (url, options) => {
        if (String(url) !== uri) return fetch(url, options);
        opened.push(options ?? {});
        return respond();
      });
      return opened;
    };

    const redirects = ['https://one.test/back', 'https://two.test/back'];
    const create = (metadata: Record<string, unknown> = {}) =>
      stack().api.call('POST', '/clients', {
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: redirects,
        subject_type: 'pairwise',
        sector_identifier_uri: uri,
        ...metadata,
      });

    test('gives its clients the same IDs; its document is opened once for each, without redirects', async () => {
      const opened = serving(() => Response.json([...redirects, 'https://three.test/back']));
      const [one, three] = [
        await pairwise('one.test', { sector_identifier_uri: uri }),
        await pairwise('three.test', { sector_identifier_uri: uri }),
      ];
      expect(opened).toHaveLength(2);
      expect(opened[0]).toMatchObject({ redirect: 'error' });
      expect(await subOf(one)).toBe(await subOf(three));
      expect(opened).toHaveLength(2);
    });

    test.each<[string, () => Response | Promise<Response>]>([
      ['lacks a redirect URI', () => Response.json([redirects[0]])],
      ['is no list', () => Response.json({ redirects })],
      ['is no JSON', () => new Response('<html>')],
      ['does not exist', () => new Response('', { status: 404 })],
      ['cannot be reached', () => Promise.reject(new Error('ECONNREFUSED'))],
      ['is too large', () => Response.json([...redirects, 'x'.repeat(2_000_000)])],
    ])('whose document %s is refused', async (_what, respond) => {
      serving(respond);
      const { status, body } = await create();
      expect([status, body.error]).toEqual([400, 'invalid_client_metadata']);
      expect(body.error_description).toMatch(/sector_identifier_uri|redirect_uris/);
    });

    test('is verified when the redirect URIs change', async () => {
      serving(() => Response.json(redirects));
      const { body } = await create();
      const change = (uris: string[]) =>
        stack().api.call('PATCH', `/clients/${body.client_id}`, { redirect_uris: uris });
      expect((await change([redirects[0] ?? ''])).status).toBe(200);
      expect((await change(['https://other.test/back'])).status).toBe(400);
    });

    test('is needed by a client with redirect URIs of several hosts', async () => {
      const { status, body } = await create({ sector_identifier_uri: undefined });
      expect([status, body.error_description]).toEqual([
        400,
        expect.stringContaining('sector_identifier_uri'),
      ]);
    });
  });
});
