import { describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { sql } from 'kysely';
import { administratorRole } from '../../../config/roles.ts';
import { createKeyring } from '../../../src/crypto/sealing.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { createContinuations } from '../../../src/protocol/continued-request.ts';
import { makePerson, signedIn } from '../../support/people.ts';
import { onEveryStack, onStack, type Stack, secretKey } from '../../support/stacks.ts';
import { createVisitor } from '../../support/visitor.ts';
import {
  allow,
  answer,
  ask,
  type LoginClient,
  letTimePass,
  makeAppClient,
  makeLoginClient,
  silently,
} from './support.ts';

const grantsOf = (stack: Stack, accountId: string) =>
  stack.database.kysely
    .selectFrom('oauth_grant')
    .selectAll()
    .where('account_id', '=', accountId)
    .execute();

const eventsOf = async (stack: Stack, { client: { id } }: LoginClient) =>
  (
    await stack.database.kysely
      .selectFrom('audit_event')
      .select(['action', 'result', 'actor_id'])
      .where('target_id', '=', id)
      .where('action', 'like', 'consent.%')
      .orderBy('id')
      .execute()
  ).map(({ action, result, actor_id }) => [action, result, actor_id]);

/** Deletes every stored record of a kind, as if they had expired. */
async function forgetStored({ redis, database }: Stack, kind: string): Promise<void> {
  if (!redis) {
    await database.kysely.deleteFrom('artifact').where('kind', '=', kind).execute();
    return;
  }
  const keys = await redis.keys(`writ:artifact:${kind}:*`);
  if (keys.length > 0) await redis.unlink(...keys);
}

const forgetInteractions = (stack: Stack) => forgetStored(stack, 'Interaction');

/** The number of stored authorization requests. */
async function countInteractions({ redis, database }: Stack): Promise<number> {
  if (redis) return (await redis.keys('writ:artifact:Interaction:*')).length;
  const kinds = database.kysely.selectFrom('artifact').select('kind');
  return (await kinds.where('kind', '=', 'Interaction').execute()).length;
}

onStack((stack) => {
  /** The URL that the sign-in returns to. */
  const returnOf = (location: string | null) =>
    new URL(location ?? '', stack().origin).searchParams.get('return_to') ?? '';

  /** A browser without a session arrives with a request. */
  const arrive = async (path: string) => {
    const visitor = createVisitor(stack().origin);
    const sent = await visitor.get(path);
    return { visitor, sent, returnTo: returnOf(sent.location) };
  };

  test('nothing is stored before the person signs in, on a page that names the app; then the request continues', async () => {
    const app = await makeLoginClient(stack());
    const person = await makePerson(stack());
    await forgetInteractions(stack());
    const { visitor, sent, returnTo } = await arrive(app.begin({ login_hint: person.email }).path);
    expect(sent.status).toBe(303);
    expect(sent.location).toMatch(/^\/sign-in\?return_to=%2Fconnect%2Fauthorize%2Fcontinue/);
    expect(sent.headers.getSetCookie()).toEqual([]);
    expect(await countInteractions(stack())).toBe(0);
    const page = await visitor.follow(sent);
    expect(page.words).toContain(`to continue to ${app.name}`);
    expect(page.text).toContain(`value="${person.email}"`);
    const back = await visitor.signIn(person.email, person.password, returnTo);
    expect(back.location).toBe(returnTo);
    expect((await visitor.follow(back)).words).toContain(app.name);
    expect(await countInteractions(stack())).toBe(1);
  });

  test('a sign-in for a request satisfies its prompt=login and max_age=0', async () => {
    const person = await makePerson(stack());
    for (const fresh of [{ prompt: 'login' }, { max_age: '0' }]) {
      const app = await makeLoginClient(stack());
      const begun = app.begin(fresh);
      const { visitor, returnTo } = await arrive(begun.path);
      const back = await visitor.signIn(person.email, person.password, returnTo);
      const asked = await visitor.get(back.location ?? '');
      expect(asked.location).toMatch(/^\/consent\//);
      expect((await visitor.get(asked.location ?? '')).words).toContain(app.name);
      const { url } = await answer(visitor, asked.location ?? '');
      expect((await app.redeem(begun, url as URL)).status).toBe(200);
    }
  });

  test('a pushed request that arrives in a browser in time stays valid until its person has signed in, for one response', async () => {
    const app = await makeLoginClient(stack());
    const person = await makePerson(stack());
    const begun = app.begin();
    const form = Object.fromEntries(new URLSearchParams(begun.path.split('?')[1]));
    const { body } = await stack().post('/connect/par', form);
    const query = new URLSearchParams({ client_id: app.client.id, request_uri: body.request_uri });
    const { visitor, returnTo } = await arrive(`/connect/authorize?${query}`);
    // Its minute has passed.
    await forgetStored(stack(), 'PushedAuthorizationRequest');
    await visitor.signIn(person.email, person.password, returnTo);
    const first = await visitor.get(returnTo);
    const { url } = await answer(visitor, (await visitor.follow(first)) && (first.location ?? ''));
    expect((await app.redeem(begun, url as URL)).status).toBe(200);
    const again = await visitor.get(returnTo);
    expect([again.status, again.location]).toEqual([400, null]);
    expect(again.words).toContain('request_uri');
  });

  test('a request that was not sealed here, or is an hour old, is refused', async () => {
    const { visitor } = await signedIn(stack());
    const app = await makeLoginClient(stack());
    const { returnTo } = await arrive(app.begin().path);
    const sealed = new URL(returnTo, stack().origin).searchParams.get('request') ?? '';
    const { seal } = createContinuations({ keyring: createKeyring([secretKey]) });
    const old = seal({
      askedAt: Date.now() / 1000 - 3601,
      query: app.begin().path.split('?')[1] ?? '',
    });
    for (const request of ['', 'x', sealed.slice(0, -4), `A${sealed}`, old]) {
      const page = await visitor.get(`/connect/authorize/continue?request=${request}`);
      expect([page.status, page.location]).toEqual([410, null]);
    }
  });

  test('a request that is resumed without a decision returns to its page, and no other one is stored', async () => {
    const app = await makeLoginClient(stack());
    const { visitor } = await signedIn(stack());
    const { path } = await ask(visitor, app.begin());
    const before = await countInteractions(stack());
    const resumed = await visitor.get(path.replace('/consent/', '/connect/authorize/'));
    expect(resumed.location).toBe(path);
    expect(await countInteractions(stack())).toBe(before);
  });

  test('of many requests in one browser the newest can be answered, two that began at once too, with few cookies', async () => {
    const app = await makeLoginClient(stack());
    const { visitor } = await signedIn(stack());
    const paths: string[] = [];
    for (let index = 0; index < 12; index++) paths.push((await ask(visitor, app.begin())).path);
    const names = [...visitor.cookies.keys()].filter((name) => !/csrf|known|session/.test(name));
    expect(names).toEqual(
      paths.slice(-8).map((path) => path.replace('/consent/', 'writ_authorization_request_')),
    );
    expect((await visitor.get(paths[0] ?? '')).status).toBe(410);
    for (const path of [paths.at(-1), paths.at(-8)])
      expect((await visitor.get(path ?? '')).words).toContain(app.name);
    const tabs = [app.begin(), app.begin()];
    const sent = await Promise.all(tabs.map(({ path }) => visitor.get(path)));
    for (const { location } of sent)
      expect((await visitor.get(location ?? '')).words).toContain(app.name);
    for (const [tab, begun] of tabs.entries()) {
      const path = sent[tab]?.location ?? '';
      const { url } = await answer(visitor, path);
      expect((await app.redeem(begun, url as URL)).status).toBe(200);
    }
  });

  test('login_hint fills in the email address at sign-in, and can be changed', async () => {
    const app = await makeLoginClient(stack());
    const visitor = createVisitor(stack().origin);
    const shown = await visitor.follow(
      await visitor.get(app.begin({ login_hint: 'ada+"x@example.com' }).path),
    );
    expect(shown.text).toContain('value="ada+&quot;x@example.com"');
    expect(shown.text).not.toContain('readonly');
  });

  test.each(['select_account', 'login select_account consent', 'consent'])(
    'prompt=%s is accepted: the page shows the account, and another person can sign in for the same request',
    async (prompt) => {
      const app = await makeLoginClient(stack());
      const first = await signedIn(stack());
      const second = await makePerson(stack(), { name: 'Grace Hopper' });
      const { visitor } = first;
      const begun = app.begin({ prompt });
      const sent = await visitor.get(begun.path);
      const path = sent.location ?? '';
      const shown = await visitor.get(path);
      if (prompt.includes('login')) {
        expect(shown.location).toMatch(/^\/sign-in/);
        return;
      }
      expect(shown.words).toContain(first.email);
      const [, href = ''] = /href="([^"]*)">Use another account/.exec(shown.text) ?? [];
      const page = await visitor.get(href.replaceAll('&amp;', '&'));
      expect(page.status).toBe(200);
      expect(page.text).not.toContain('readonly');
      // A change of mind leads back.
      expect(page.text).toContain(`href="${path}"><span>Continue as <bdi>${first.email}</bdi>`);
      const { email, password } = second;
      const back = await visitor.submit('/sign-in', { email, password, return_to: path });
      expect(back.location).toBe(path);
      expect((await visitor.get(path)).words).toContain(second.email);
      const { url } = await answer(visitor, path);
      const { body } = await app.redeem(begun, url as URL);
      expect(decodeJwt(body.id_token).sub).toBe(second.accountId);
    },
  );

  test('the page names the owner of the app of a client, otherwise the app', async () => {
    const app = await makeAppClient(stack(), 'website', 'https://spa.test/back');
    const { visitor } = await signedIn(stack());
    const words = async () => (await ask(visitor, app.begin({ resource: app.resource }))).words;
    expect(await words()).toContain(`App ${app.app} (not verified by Writ)`);
    const { accountId } = await makePerson(stack(), { name: 'Grace Hopper' });
    await stack()
      .database.kysely.insertInto('app_member')
      .columns(['app_id', 'account_id', 'role'])
      .expression((eb) =>
        eb
          .selectFrom('app')
          .select([
            'id',
            sql<string>`${accountId}::uuid`.as('account_id'),
            sql<string>`'Owner'`.as('role'),
          ])
          .where('name', '=', app.app),
      )
      .execute();
    expect(await words()).toContain('Developer Grace Hopper (not verified by Writ)');
  });

  test('an authorization request can be sent by POST (OpenID Connect Core §3.1.2.1)', async () => {
    const app = await makeLoginClient(stack());
    const { visitor } = await signedIn(stack());
    const begun = app.begin({ state: 'a state & more' });
    const [path = '', query = ''] = begun.path.split('?');
    const sent = await visitor.submit(path, Object.fromEntries(new URLSearchParams(query)));
    expect(sent.status).toBe(303);
    await visitor.get(sent.location ?? '');
    const { url } = await answer(visitor, sent.location ?? '');
    expect(url?.searchParams.get('state')).toBe('a state & more');
    expect((await app.redeem(begun, url as URL)).status).toBe(200);
    // Its errors are reported in the same way, and the query string is ignored.
    const wrong = new URLSearchParams(query);
    wrong.set('prompt', 'dance');
    const refused = await visitor.submit(begun.path, Object.fromEntries(wrong));
    expect(new URL(refused.location ?? '').searchParams.get('error')).toBe('invalid_request');
  });

  test.each(['?x=a%20b', '?x=a+b&y=%7e~', '?', '?flag&x=%C3%A9', '?q=(1)&code=old'])(
    'the query %s of a redirect URI is retained byte for byte, and the response is appended (RFC 6749 §3.1.2)',
    async (query) => {
      const redirectUri = `https://website.test/back${query}`;
      const app = await makeLoginClient(stack(), 'website', { redirect_uris: [redirectUri] });
      const { visitor } = await signedIn(stack());
      const start = redirectUri.endsWith('?') ? redirectUri : `${redirectUri}&`;
      const begun = app.begin();
      const { path } = await ask(visitor, begun);
      const { page } = await answer(visitor, path);
      expect(page.location?.slice(0, start.length + 5)).toBe(`${start}code=`);
      const code = page.location?.slice(start.length + 5).split('&')[0] ?? '';
      const url = new URL(`https://website.test/?code=${code}`);
      expect((await app.redeem(begun, url)).status).toBe(200);
      const denied = await ask(visitor, app.begin({ prompt: 'consent' }));
      const { page: refused } = await answer(visitor, denied.path, 'deny');
      expect(refused.location?.startsWith(`${start}error=access_denied`)).toBe(true);
      const none = await createVisitor(stack().origin).get(app.begin({ prompt: 'none' }).path);
      expect(none.location?.startsWith(`${start}error=login_required`)).toBe(true);
    },
  );

  test('a person who denies: the app gets access_denied and no token', async () => {
    const app = await makeLoginClient(stack());
    const { visitor, accountId } = await signedIn(stack());
    const begun = app.begin();
    const { path } = await ask(visitor, begun);
    const { url } = await answer(visitor, path, 'deny');
    expect(Object.fromEntries(url?.searchParams ?? [])).toEqual({
      error: 'access_denied',
      error_description: expect.any(String),
      state: begun.state,
      iss: stack().issuer,
    });
    expect(await grantsOf(stack(), accountId)).toEqual([]);
    expect(await eventsOf(stack(), app)).toEqual([['consent.denied', 'success', accountId]]);
    expect((await visitor.get(path)).words).toContain('was denied access');
  });

  describe('who can approve', () => {
    const forApi = async (scope: string) => {
      const app = await makeLoginClient(stack(), 'website', {
        resources: [stack().apiResource],
        scope: `openid ${scope}`,
      });
      return { app, begun: app.begin({ scope, resource: stack().apiResource }) };
    };

    test('only an administrator can grant scopes of Writ’s own API, and a refusal is audited', async () => {
      const { app, begun } = await forApi('clients:read apps:read');
      const { visitor, accountId } = await signedIn(stack());
      const page = await ask(visitor, begun);
      expect(page.words).toContain('Your account cannot allow this');
      expect(page.text).toMatch(/<code><bdi>clients:read<\/bdi><\/code>/);
      expect(page.text).not.toMatch(/<code><bdi>apps:read/);
      expect(page.text).not.toContain('value="allow"');
      const { url, page: refused } = await answer(visitor, page.path);
      expect([url, refused.status]).toEqual([undefined, 403]);
      expect(await grantsOf(stack(), accountId)).toEqual([]);
      expect(await eventsOf(stack(), app)).toEqual([['consent.granted', 'refused', accountId]]);
      const denied = await answer(visitor, page.path, 'deny');
      expect(denied.url?.searchParams.get('error')).toBe('access_denied');
    });

    test('an administrator can', async () => {
      const { app, begun } = await forApi('clients:read');
      const { visitor } = await signedIn(stack(), { roles: [administratorRole] });
      const { body } = await app.redeem(begun, await allow(visitor, begun));
      expect(body.scope).toBe('clients:read');
    });

    test('an account that loses the role between the page and its decision cannot', async () => {
      const { begun } = await forApi('clients:read');
      const { visitor, accountId } = await signedIn(stack(), { roles: [administratorRole] });
      const { path } = await ask(visitor, begun);
      await stack().domain.accounts.update(serverActor, accountId, { roles: [] });
      const { url, page } = await answer(visitor, path);
      expect([url, page.status]).toEqual([undefined, 403]);
      expect(await grantsOf(stack(), accountId)).toEqual([]);
    });

    test('every person can grant access to their own apps', async () => {
      const { app, begun } = await forApi('apps:read apps:write');
      const { visitor } = await signedIn(stack());
      const { body } = await app.redeem(begun, await allow(visitor, begun));
      expect(body.scope).toBe('apps:read apps:write');
    });

    test('an app that expects one person gets no other (id_token_hint)', async () => {
      const app = await makeLoginClient(stack());
      const [first, second] = [await signedIn(stack()), await signedIn(stack())];
      const before = app.begin();
      const { body } = await app.redeem(before, await allow(first.visitor, before));
      const hinted = app.begin({ id_token_hint: body.id_token });
      const { path } = await ask(second.visitor, hinted);
      const { url, page } = await answer(second.visitor, path);
      expect([url, page.status, page.words]).toEqual([
        undefined,
        403,
        expect.stringContaining('The app expects another account'),
      ]);
      const again = await silently(first.visitor, app.begin({ id_token_hint: body.id_token }));
      expect(again.searchParams.has('code')).toBe(true);
    });
  });

  describe('how recent the sign-in is', () => {
    test.each<[string, Record<string, string>]>([
      ['prompt=login', { prompt: 'login' }],
      ['prompt=login consent', { prompt: 'login consent' }],
      ['max_age=0', { max_age: '0' }],
    ])('%s: the password is required again, once', async (_what, changed) => {
      const app = await makeLoginClient(stack());
      const { visitor, email, password } = await signedIn(stack());
      const begun = app.begin(changed);
      const { path, location } = await ask(visitor, begun);
      expect(location).toMatch(/^\/sign-in\?return_to=.*&again=\d{13}$/);
      const signIn = await visitor.get(location ?? '');
      expect(signIn.words).toContain(`to continue to ${app.name}`);
      // A decision without it is refused too, although its form is valid.
      const sent = await visitor.submit(path, { decision: 'allow' });
      expect(sent.location).toMatch(/^\/sign-in/);
      await visitor.get(location ?? '');
      const back = await visitor.submit('/sign-in', { email, password, return_to: path });
      expect(back.location).toBe(path);
      await visitor.get(path);
      const { url } = await answer(visitor, path);
      const { body } = await app.redeem(begun, url as URL);
      const { auth_time: at } = JSON.parse(
        Buffer.from(body.id_token.split('.')[1], 'base64url').toString(),
      );
      expect(Date.now() / 1000 - at).toBeLessThan(60);
    });

    test('max_age: a sign-in within it is enough, an older one is repeated', async () => {
      const app = await makeLoginClient(stack());
      const { visitor, accountId } = await signedIn(stack());
      const asked = () => ask(visitor, app.begin({ max_age: '600' }));
      expect((await asked()).words).toContain(app.name);
      await sql`update session set signed_in_at = now() - interval '11 minutes' where account_id = ${accountId}::uuid`.execute(
        stack().database.kysely,
      );
      const { location } = await asked();
      expect(location).toMatch(/&again=\d{13}$/);
      expect((await visitor.get(location ?? '')).location).toBeNull();
      expect((await ask(visitor, app.begin({ max_age: '700' }))).words).toContain(app.name);
    });
  });

  test.each(['9007199254740991', '1e15', '8640000000001'])(
    'max_age=%s, which exceeds the range of dates, accepts any sign-in',
    async (max_age) => {
      const app = await makeLoginClient(stack());
      const { visitor } = await signedIn(stack());
      expect((await allow(visitor, app.begin({ max_age }))).searchParams.has('code')).toBe(true);
      // A person without a session signs in once.
      const { email, password } = await makePerson(stack());
      const other = createVisitor(stack().origin);
      const sent = await other.get(app.begin({ max_age }).path);
      const back = await other.signIn(email, password, returnOf(sent.location));
      expect((await other.follow(back)).words).toContain(app.name);
    },
  );

  describe('what is revoked in between', () => {
    const registry = () => stack().domain.registry;
    const bump = async ({ client: { id } }: LoginClient) => {
      await registry().disable(serverActor, id);
      await registry().enable(serverActor, id);
    };
    const revocations: [
      string,
      (app: LoginClient & { app?: string }, accountId: string) => Promise<unknown>,
    ][] = [
      ['the client is disabled', ({ client }) => registry().disable(serverActor, client.id)],
      ['the client is disabled and enabled again', bump],
      [
        'the tokens of the client are revoked',
        ({ client }) => registry().revokeTokens(serverActor, client.id),
      ],
      ['the account is disabled', (_app, id) => stack().domain.accounts.disable(serverActor, id)],
      [
        'the tokens of the account are revoked',
        (_app, id) => stack().domain.accounts.revokeTokens(serverActor, id),
      ],
      [
        'the account is disabled and enabled again',
        async (_app, id) => {
          await stack().domain.accounts.disable(serverActor, id);
          await stack().domain.accounts.enable(serverActor, id);
        },
      ],
      [
        'its app is disabled',
        ({ app = '' }) => stack().domain.apps.disable({ kind: 'operator' }, app),
      ],
      [
        'its app is disabled and enabled again',
        async ({ app = '' }) => {
          await stack().domain.apps.disable({ kind: 'operator' }, app);
          await stack().domain.apps.enable({ kind: 'operator' }, app);
        },
      ],
      [
        'its app is deleted',
        ({ app = '' }) => stack().domain.apps.delete({ kind: 'operator' }, app),
      ],
      [
        'its owner revokes the grant',
        async (_app, id) => {
          const [login] = await stack().domain.connectedClients.list(id);
          await stack().domain.connectedClients.disconnect(id, login?.grantId ?? '');
        },
      ],
    ];
    const made = async () => {
      const app = await makeAppClient(stack(), 'website', 'https://spa.test/back');
      const person = await signedIn(stack());
      const begun = app.begin({ resource: app.resource });
      return { app, ...person, begun, ...(await ask(person.visitor, begun)) };
    };

    test.each(revocations)(
      '%s between the decision and the code: nothing is redeemed',
      async (_what, end) => {
        const { app, visitor, accountId, begun, path } = await made();
        const { url } = await answer(visitor, path);
        await end(app, accountId);
        const { status, body } = await app.redeem(begun, url as URL);
        expect([400, 401]).toContain(status);
        expect(body.error).toMatch(/^invalid_(grant|client)$/);
        expect((await app.redeem(begun, url as URL)).status).toBeGreaterThanOrEqual(400);
      },
    );

    test.each(revocations)(
      '%s between the decision and the redirect: no code and no server error',
      async (_what, end) => {
        const { app, visitor, accountId, path } = await made();
        await visitor.submit(path, { decision: 'allow' });
        await end(app, accountId);
        const page = await visitor.get(path.replace('/consent/', '/connect/authorize/'));
        if (!page.location) return expect(page.status).toBe(400);
        const { searchParams } = new URL(page.location);
        expect([searchParams.get('error'), searchParams.has('code')]).toEqual([
          'access_denied',
          false,
        ]);
      },
    );

    test.each(revocations.filter(([what]) => /(is disabled|is deleted)$/.test(what)))(
      '%s between the page and the decision: nothing is approved',
      async (_what, end) => {
        const { app, visitor, accountId, path } = await made();
        await end(app, accountId);
        const { url, page } = await answer(visitor, path);
        expect(url).toBeUndefined();
        expect(page.status).toBeLessThan(500);
        expect(await grantsOf(stack(), accountId)).toEqual([]);
      },
    );

    test('scopes that the client is no longer allowed are not granted, in part or in whole', async () => {
      const app = await makeLoginClient(stack());
      const { visitor } = await signedIn(stack());
      const begun = app.begin({ scope: 'things:read things:write' });
      const { path } = await ask(visitor, begun);
      await stack().domain.resources.update(app.resource, {
        scopes: [{ name: 'things:read', description: '' }],
      });
      const { url } = await answer(visitor, path);
      expect((await app.redeem(begun, url as URL)).body.scope).toBe('things:read');
      const later = await ask(visitor, app.begin());
      await registry().update(serverActor, app.client.id, { resources: [stack().apiResource] });
      const refused = await answer(visitor, later.path);
      expect([refused.url, refused.page.status]).toEqual([undefined, 403]);
      expect(refused.page.words).toContain('no longer allowed to ask');
    });
  });
});

/** Authorization requests and their decisions are stored; on every stack the first decision is final. */
onEveryStack((stack) => {
  test('a double click approves once and redirects to the app like a single one', async () => {
    const app = await makeLoginClient(stack());
    const { visitor, accountId } = await signedIn(stack());
    const begun = app.begin();
    const { path } = await ask(visitor, begun);
    const clicks = await Promise.all(
      [1, 2, 3].map(() => visitor.submit(path, { decision: 'allow' })),
    );
    const resume = path.replace('/consent/', '/connect/authorize/');
    expect(clicks.map(({ status, location }) => [status, location])).toEqual(
      Array(3).fill([303, resume]),
    );
    // The browser may have followed the first response when the second click arrives.
    const first = await visitor.get(resume);
    const { url } = await answer(visitor, path);
    for (const led of [new URL(first.location ?? ''), url as URL])
      expect(led.searchParams.get('state')).toBe(begun.state);
    expect((await app.redeem(begun, url as URL)).status).toBe(200);
    expect(await grantsOf(stack(), accountId)).toHaveLength(1);
    expect(await eventsOf(stack(), app)).toHaveLength(1);
  });

  test('a decision that is sent again later changes nothing, and the page shows the one that holds', async () => {
    const app = await makeLoginClient(stack());
    const { visitor, accountId } = await signedIn(stack());
    const { path } = await ask(visitor, app.begin());
    await answer(visitor, path);
    await letTimePass(stack(), 60);
    for (const decision of ['allow', 'deny'] as const) {
      const { url, page } = await answer(visitor, path, decision);
      expect([url, page.status]).toEqual([undefined, 200]);
      expect(page.words).toContain(`You allowed ${app.name}`);
    }
    // As after going back, or reloading the page.
    for (const late of [path, path.replace('/consent/', '/connect/authorize/')]) {
      const page = await visitor.follow(await visitor.get(late));
      expect([page.status, page.words]).toEqual([
        200,
        expect.stringContaining(`You allowed ${app.name}`),
      ]);
    }
    expect(await grantsOf(stack(), accountId)).toHaveLength(1);
  });

  test('of two tabs with the same request the first decides, and the other shows that decision', async () => {
    const app = await makeLoginClient(stack());
    const { visitor, accountId } = await signedIn(stack());
    const { path } = await ask(visitor, app.begin());
    await answer(visitor, path, 'deny');
    const late = await answer(visitor, path, 'allow');
    expect(late.url).toBeUndefined();
    expect(late.page.words).toContain('was denied access');
    expect(await grantsOf(stack(), accountId)).toEqual([]);
  });

  test('an expired request says so, and a decision about it has no effect', async () => {
    const app = await makeLoginClient(stack());
    const { visitor, accountId } = await signedIn(stack());
    const { path } = await ask(visitor, app.begin());
    await forgetInteractions(stack());
    const { url, page } = await answer(visitor, path);
    expect([url, page.status, page.words]).toEqual([
      undefined,
      410,
      expect.stringContaining('expired'),
    ]);
    expect(await grantsOf(stack(), accountId)).toEqual([]);
    const resumed = await visitor.follow(
      await visitor.get(path.replace('/consent/', '/connect/authorize/')),
    );
    expect([resumed.status, resumed.words]).toEqual([410, expect.stringContaining('start again')]);
  });

  test('a pushed request gets one response, in whichever browser (RFC 9126 §4)', async () => {
    const app = await makeLoginClient(stack());
    const begun = app.begin();
    const form = Object.fromEntries(new URLSearchParams(begun.path.split('?')[1]));
    const { body } = await stack().post('/connect/par', form);
    const query = new URLSearchParams({ client_id: app.client.id, request_uri: body.request_uri });
    const pushed = { ...begun, path: `/connect/authorize?${query}` };
    const [first, second] = [await signedIn(stack()), await signedIn(stack())];
    const asked = [await ask(first.visitor, pushed), await ask(second.visitor, pushed)];
    const { url } = await answer(first.visitor, asked[0]?.path ?? '');
    // A second click is redirected too, with a valid code.
    const again = await answer(first.visitor, asked[0]?.path ?? '');
    expect(again.url?.searchParams.get('code')).toEqual(expect.any(String));
    expect((await app.redeem(begun, url as URL)).status).toBe(200);
    const late = await answer(second.visitor, asked[1]?.path ?? '');
    expect([late.url, late.page.status]).toEqual([undefined, 403]);
    expect(late.page.words).toContain('already answered');
    expect(await grantsOf(stack(), second.accountId)).toEqual([]);
    expect(await second.visitor.get(pushed.path)).toMatchObject({ status: 400, location: null });
  });
});

onStack((stack) => {
  test('a request cannot be decided in another browser than the one that started it', async () => {
    const app = await makeLoginClient(stack());
    const [mallory, victim] = [await signedIn(stack()), await signedIn(stack())];
    const { path } = await ask(mallory.visitor, app.begin());
    // A request that the victim started has the same cookie name, and another path.
    const own = await ask(victim.visitor, app.begin());
    const page = await victim.visitor.get(path);
    expect([page.status, page.words]).toEqual([410, expect.stringContaining('expired')]);
    await victim.visitor.get(own.path);
    const sent = await victim.visitor.submit(path, { decision: 'allow' });
    expect([sent.status, sent.location]).toEqual([410, null]);
    expect(await grantsOf(stack(), victim.accountId)).toEqual([]);
    const resumed = await mallory.visitor.get(path.replace('/consent/', '/connect/authorize/'));
    expect(resumed.location).not.toContain('code=');
  });

  test('a forged cookie gives no access', async () => {
    const app = await makeLoginClient(stack());
    const [other, { visitor }] = [await signedIn(stack()), await signedIn(stack())];
    const { path } = await ask(other.visitor, app.begin());
    const uid = path.split('/').at(-1) ?? '';
    const own = other.visitor.cookies.get(`writ_authorization_request_${uid}`);
    const [at, signature] = own?.split('~') ?? [];
    for (const value of [
      at,
      `${at}~`,
      `${at}~${'x'.repeat(27)}`,
      `${Number(at) + 1}~${signature}`,
    ]) {
      visitor.cookies.set(`writ_authorization_request_${uid}`, String(value));
      expect((await visitor.get(path)).status).toBe(410);
    }
  });

  test.each(['x', '', '%2E%2E%2Faccount', '%00', 'a'.repeat(500)])(
    'there is no request %j',
    async (uid) => {
      const { visitor } = await signedIn(stack());
      await ask(visitor, (await makeLoginClient(stack())).begin());
      expect([404, 410]).toContain((await visitor.get(`/consent/${uid}`)).status);
    },
  );

  test('a form that was rendered for another account does nothing, and can be loaded again', async () => {
    const app = await makeLoginClient(stack());
    const { visitor, accountId } = await signedIn(stack());
    const begun = app.begin();
    const { path, text } = await ask(visitor, begun);
    const csrf = /name="csrf" value="([^"]*)"/.exec(text)?.[1] ?? '';
    const second = await makePerson(stack());
    await visitor.signIn(second.email, second.password, path);
    const stale = await visitor.submit(path, { decision: 'allow', csrf });
    expect([stale.status, stale.words]).toEqual([403, expect.stringContaining('out of date')]);
    for (const id of [accountId, second.accountId]) expect(await grantsOf(stack(), id)).toEqual([]);
    await visitor.get(path);
    const { url } = await answer(visitor, path);
    const { body } = await app.redeem(begun, url as URL);
    expect((await app.introspect(body.access_token)).body.sub).toBe(second.accountId);
  });

  test('a form without its CSRF secret, or from another site, does nothing', async () => {
    const app = await makeLoginClient(stack());
    const { visitor, accountId } = await signedIn(stack());
    const { path } = await ask(visitor, app.begin());
    expect((await visitor.submit(path, { decision: 'allow', csrf: 'x' })).status).toBe(403);
    expect(await grantsOf(stack(), accountId)).toEqual([]);
  });

  test('the next person in the same browser cannot resume with the decision of the previous one', async () => {
    const app = await makeLoginClient(stack());
    const { visitor } = await signedIn(stack());
    const { path } = await ask(visitor, app.begin());
    await answer(visitor, path);
    const second = await makePerson(stack());
    await visitor.signIn(second.email, second.password, path);
    expect((await visitor.get(path)).words).toContain('already answered');
    await visitor.get('/account/connected');
    const { url, page } = await answer(visitor, path);
    expect([url, page.words]).toEqual([undefined, expect.stringContaining('already answered')]);
    expect(await grantsOf(stack(), second.accountId)).toEqual([]);
  });

  describe('a redirect URI that is removed from the client', () => {
    const made = async () => {
      const app = await makeAppClient(stack(), 'website', 'https://old.test/back');
      const person = await signedIn(stack());
      return {
        app,
        ...person,
        ...(await ask(person.visitor, app.begin({ resource: app.resource }))),
      };
    };
    const takeOut = ({ app }: { app: string }) =>
      stack().domain.appClients.update({ kind: 'operator' }, app, 'website', {
        redirectUris: ['https://new.test/back', 'https://old.test/back/'],
      });

    test('makes its pending requests unanswerable', async () => {
      const { app, visitor, accountId, path } = await made();
      await takeOut(app);
      for (const decision of ['allow', 'deny'] as const) {
        const { url, page } = await answer(visitor, path, decision);
        expect([url, page.status]).toEqual([undefined, 410]);
        expect(page.words).toContain('expired');
      }
      const page = await visitor.get(path);
      expect([page.status, page.text]).toEqual([410, expect.not.stringContaining('old.test')]);
      expect(await grantsOf(stack(), accountId)).toEqual([]);
      expect(await eventsOf(stack(), app)).toEqual([]);
    });

    test.each(['allow', 'deny'] as const)(
      'gets no response that was decided before, such as %s',
      async (decision) => {
        const { app, visitor, path } = await made();
        const resume = path.replace('/consent/', '/connect/authorize/');
        expect((await visitor.submit(path, { decision })).location).toBe(resume);
        await takeOut(app);
        const sent = await visitor.get(resume);
        expect([sent.status, sent.location]).toEqual([303, path]);
        expect((await visitor.follow(sent)).status).toBe(410);
      },
    );

    test('does not affect the others', async () => {
      const app = await makeAppClient(stack(), 'website', 'https://old.test/back');
      const { visitor } = await signedIn(stack());
      const { appClients } = stack().domain;
      const update = (redirectUris: string[]) =>
        appClients.update({ kind: 'operator' }, app.app, 'website', { redirectUris });
      await update([app.redirectUri, 'https://other.test/back']);
      const { path } = await ask(visitor, app.begin({ resource: app.resource }));
      await update([app.redirectUri]);
      const { url } = await answer(visitor, path);
      expect(url?.origin).toBe('https://old.test');
      expect(url?.searchParams.has('code')).toBe(true);
    });
  });
});
