import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { sql } from 'kysely';
import { administratorRole } from '../../../config/roles.ts';
import type { Client } from '../../../src/domain/clients/lookup.ts';
import { createSilentApproval } from '../../../src/domain/grants/consent/silent.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { addAuthenticator } from '../../support/factors.ts';
import { makePerson, signedIn } from '../../support/people.ts';
import { onEveryStack, onStack, type Stack, unique } from '../../support/stacks.ts';
import { createVisitor, type Visitor } from '../../support/visitor.ts';
import { createResource } from '../token/support.ts';
import {
  allow,
  answer,
  ask,
  type Begun,
  type LoginClient,
  makeAppClient,
  makeLoginClient,
  silently,
} from './support.ts';

const grantsOf = (stack: Stack, accountId: string) =>
  stack.database.kysely
    .selectFrom('oauth_grant')
    .select(['id', 'revoked_at', 'revoked_because'])
    .where('account_id', '=', accountId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();

const consentEventsOf = async (stack: Stack, { client: { id } }: LoginClient) =>
  (
    await stack.database.kysely
      .selectFrom('audit_event')
      .select(['action', 'details'])
      .where('target_id', '=', id)
      .where('action', 'like', 'consent.%')
      .orderBy('id')
      .execute()
  ).map(({ action, details }) => [action, details?.['remembered'] ?? false]);

/** Text that cannot be compressed. */
const noise = (length: number) => randomBytes(length).toString('base64url').slice(0, length);

/** The error that a request gets at the app. */
const errorOf = (url: URL) => url.searchParams.get('error');

/** Where a request leads: to a page, or to the app with a code or an error. */
const outcome = async (visitor: Visitor, { path }: Pick<Begun, 'path'>): Promise<string> => {
  const { location, words } = await visitor.get(path);
  if (!location) return words;
  if (location.startsWith('/'))
    return new URL(location, 'https://here.test').pathname.split('/')[1] ?? '';
  const { searchParams } = new URL(location);
  return searchParams.get('error') ?? (searchParams.has('code') ? 'code' : location);
};

onStack((stack) => {
  describe('what a person has allowed a client', () => {
    test('is not asked again, for the same scopes or fewer, and the app gets a code at once', async () => {
      const app = await makeLoginClient(stack());
      const { visitor, accountId } = await signedIn(stack());
      await allow(visitor, app.begin({ scope: 'openid email things:read things:write' }));
      for (const scope of ['openid email things:read things:write', 'openid things:read']) {
        const begun = app.begin({ scope });
        const url = await silently(visitor, begun);
        expect(Object.fromEntries(url.searchParams)).toEqual({
          code: expect.any(String),
          state: begun.state,
          iss: stack().issuer,
        });
        const { body } = await app.redeem(begun, url);
        expect(body.scope).toBe(scope);
        expect(decodeJwt(body.id_token).sub).toBe(accountId);
      }
      expect(await consentEventsOf(stack(), app)).toEqual([
        ['consent.granted', false],
        ['consent.granted', true],
        ['consent.granted', true],
      ]);
    });

    test('is never wider than what was allowed: a new scope asks for it alone, and shows the rest apart', async () => {
      const app = await makeLoginClient(stack());
      const { visitor } = await signedIn(stack());
      await allow(visitor, app.begin({ scope: 'openid things:read' }));
      const begun = app.begin({ scope: 'openid things:read things:write' });
      const page = await ask(visitor, begun);
      const [asked = '', before = ''] = page.words.split('You have already allowed');
      expect(asked).toContain('It will also be able to');
      expect(asked).toContain('Create, change and delete your things');
      expect(asked).not.toContain('See your things');
      expect(before).toContain('See your things');
      const { url } = await answer(visitor, page.path);
      expect((await app.redeem(begun, url as URL)).body.scope).toBe(
        'openid things:read things:write',
      );
      expect(await outcome(visitor, begun)).toBe('code');
    });

    test('of one resource does not allow another one', async () => {
      const app = await makeLoginClient(stack());
      const other = await createResource(stack());
      await stack().domain.registry.update(serverActor, app.client.id, {
        resources: [app.resource, other],
      });
      const { visitor } = await signedIn(stack());
      await allow(visitor, app.begin({ resource: app.resource }));
      expect(await outcome(visitor, app.begin({ resource: app.resource }))).toBe('code');
      expect(await outcome(visitor, app.begin({ resource: other }))).toBe('consent');
    });

    test('holds for that person and that client only', async () => {
      const app = await makeLoginClient(stack());
      const other = await makeLoginClient(stack());
      const first = await signedIn(stack());
      const second = await signedIn(stack());
      await allow(first.visitor, app.begin());
      expect(await outcome(second.visitor, app.begin())).toBe('consent');
      expect(await outcome(first.visitor, other.begin())).toBe('consent');
      // Another person in the same browser is asked too.
      await first.visitor.signIn(second.email, second.password);
      expect(await outcome(first.visitor, app.begin())).toBe('consent');
    });

    test('is not what they denied, and not what they were only shown', async () => {
      const app = await makeLoginClient(stack());
      const { visitor } = await signedIn(stack());
      const { path } = await ask(visitor, app.begin());
      expect(await outcome(visitor, app.begin())).toBe('consent');
      await answer(visitor, path, 'deny');
      expect(await outcome(visitor, app.begin())).toBe('consent');
    });

    test('is asked again after it was withdrawn, which revokes all its logins', async () => {
      const app = await makeLoginClient(stack());
      const { visitor, accountId } = await signedIn(stack());
      const begun = app.begin();
      await allow(visitor, begun);
      const { body } = await app.redeem(begun, await silently(visitor, begun));
      const { consentMemory } = stack().domain;
      expect(await consentMemory.withdraw(accountId, app.client.id)).toBe(true);
      expect((await app.introspect(body.access_token)).body.active).toBe(false);
      expect(await outcome(visitor, app.begin())).toBe('consent');
      expect(await outcome(visitor, app.begin({ prompt: 'none' }))).toBe('consent_required');
      expect((await consentEventsOf(stack(), app)).at(-1)).toEqual(['consent.withdrawn', false]);
      expect(await consentMemory.withdraw(accountId, app.client.id)).toBe(false);
    });

    test('is one entry among the connected apps, however many logins there are; Revoke there ends all of it', async () => {
      const app = await makeLoginClient(stack());
      const { visitor, accountId, email, password } = await signedIn(stack());
      const tokens: string[] = [];
      const begun = app.begin({ scope: 'openid things:read offline_access' });
      tokens.push((await app.redeem(begun, await allow(visitor, begun))).body.access_token);
      for (let browser = 0; browser < 3; browser++) {
        const other = createVisitor(stack().origin);
        await other.signIn(email, password);
        const again = app.begin();
        tokens.push((await app.redeem(again, await silently(other, again))).body.access_token);
      }
      const page = await visitor.get('/account/connected');
      expect(page.text.split('name="client_id"')).toHaveLength(2);
      for (const words of ['In 4 browsers', 'See your things', 'Allowed'])
        expect(page.words).toContain(words);
      const [, clientId = ''] = /name="client_id" value="([^"]+)"/.exec(page.text) ?? [];
      expect(clientId).toBe(app.client.id);
      await visitor.submit('/account/connected/revoke', { client_id: clientId });
      for (const token of tokens) expect((await app.introspect(token)).body.active).toBe(false);
      expect((await visitor.get('/account/connected')).words).not.toContain(app.name);
      expect(await outcome(visitor, app.begin())).toBe('consent');
      expect(await stack().domain.consentMemory.list(accountId)).toEqual([]);
    });

    test('stays visible and can be withdrawn when its logins have expired', async () => {
      const app = await makeLoginClient(stack());
      const { visitor, accountId } = await signedIn(stack());
      await allow(visitor, app.begin());
      await stack()
        .database.kysely.updateTable('oauth_grant')
        .set({ live_until: new Date(0) })
        .where('account_id', '=', accountId)
        .execute();
      expect((await visitor.get('/account/connected')).words).toContain('Not logged in');
      await visitor.submit('/account/connected/revoke', { client_id: app.client.id });
      expect(await outcome(visitor, app.begin())).toBe('consent');
    });

    test('is listed and withdrawn in the API', async () => {
      const app = await makeLoginClient(stack());
      const { visitor, accountId } = await signedIn(stack());
      await allow(visitor, app.begin());
      const { call } = stack().api;
      const { body } = await call('GET', `/accounts/${accountId}/consents`);
      expect(body.items).toEqual([
        {
          client_id: app.client.id,
          client_name: app.name,
          access: [
            { resource: null, scopes: ['openid'], declined_scopes: [] },
            { resource: app.resource, scopes: ['things:read'], declined_scopes: [] },
          ],
          created_at: expect.any(String),
          updated_at: expect.any(String),
        },
      ]);
      const path = `/accounts/${accountId}/consents/${app.client.id}`;
      expect((await call('DELETE', path)).status).toBe(204);
      expect((await call('DELETE', path)).status).toBe(404);
      expect(await outcome(visitor, app.begin())).toBe('consent');
    });

    test('leaves out the optional scopes that the person unticked, without asking for them again', async () => {
      const app = await makeLoginClient(stack(), 'website', {
        optional_scopes: ['things:write', 'email'],
      });
      const { visitor } = await signedIn(stack());
      const begun = app.begin({ scope: 'openid email things:read things:write' });
      const page = await ask(visitor, begun);
      expect(page.text).toContain('name="scope_things:write" checked');
      const { url } = await answer(visitor, page.path, 'allow', { scope_email: 'on' });
      const { body } = await app.redeem(begun, url as URL);
      expect(body.scope).toBe('openid email things:read');
      const again = await app.redeem(begun, await silently(visitor, begun));
      expect(again.body.error ?? again.body.scope).toBeDefined();
      const next = app.begin({ scope: 'openid email things:read things:write' });
      expect((await app.redeem(next, await silently(visitor, next))).body.scope).toBe(
        'openid email things:read',
      );
      // prompt=consent shows the choice again.
      const shown = await ask(
        visitor,
        app.begin({ scope: 'openid things:write', prompt: 'consent' }),
      );
      expect(shown.text).toMatch(/name="scope_things:write"(?! checked)/);
    });

    test.each<[string, (app: LoginClient, accountId: string) => Promise<unknown>, RegExp]>([
      [
        'the client is disabled',
        (app) => stack().domain.registry.disable(serverActor, app.client.id),
        /client/,
      ],
      [
        'the client is deleted',
        (app) => stack().domain.registry.delete(serverActor, app.client.id),
        /client/,
      ],
      [
        'the account is disabled',
        (_app, id) => stack().domain.accounts.disable(serverActor, id),
        /^sign-in$/,
      ],
      [
        'the account is deleted',
        (_app, id) => stack().domain.accountDeletion.delete(serverActor, id),
        /^sign-in$/,
      ],
      [
        'all tokens of the account are revoked',
        (_app, id) => stack().domain.accounts.revokeTokens(serverActor, id),
        /^consent$/,
      ],
    ])('is worth nothing after %s', async (_what, end, where) => {
      const app = await makeLoginClient(stack());
      const { visitor, accountId } = await signedIn(stack());
      await allow(visitor, app.begin());
      expect(await outcome(visitor, app.begin())).toBe('code');
      await end(app, accountId);
      expect(await outcome(visitor, app.begin())).toMatch(where);
      expect(await outcome(visitor, app.begin({ prompt: 'none' }))).not.toBe('code');
    });

    test('is forgotten with the account', async () => {
      const app = await makeLoginClient(stack());
      const { visitor, accountId } = await signedIn(stack());
      await allow(visitor, app.begin());
      await stack().domain.accountDeletion.delete(serverActor, accountId);
      const rows = stack().database.kysely.selectFrom('consent').selectAll();
      expect(await rows.where('account_id', '=', accountId).execute()).toEqual([]);
    });

    test('is not granted once it was withdrawn, not even to a request that has read it before', async () => {
      const app = await makeLoginClient(stack());
      const { visitor, accountId } = await signedIn(stack());
      await allow(visitor, app.begin());
      const { clients, consentMemory, resources } = stack().domain;
      const client = (await clients(app.client.id)) as Client;
      const read = await consentMemory.find(accountId, client.id);
      const approve = createSilentApproval({
        ...stack(),
        resources,
        consentMemory: { find: async () => read },
      });
      const request = {
        client,
        params: {
          redirect_uri: app.redirectUri,
          scope: 'openid things:read',
          resource: app.resource,
        },
        askedAt: Date.now() / 1000,
        account: {
          id: accountId,
          signedInAt: new Date(),
          browser: { ip: null, userAgent: null },
        },
        count: async () => {},
      };
      expect(await approve(request)).toEqual({ grantId: expect.any(String) });
      await consentMemory.withdraw(accountId, app.client.id);
      expect(await approve(request)).toEqual({ asks: 'consent' });
    });

    test('keeps working for a client of an app, and a scope that the API no longer has is not granted', async () => {
      const app = await makeAppClient(stack(), 'website', 'https://acme.test/back');
      const { visitor } = await signedIn(stack());
      const begun = app.begin({ resource: app.resource });
      await allow(visitor, begun);
      expect(await outcome(visitor, begun)).toBe('code');
      await stack().domain.resources.update(app.resource, { appPolicy: null });
      expect(await outcome(visitor, begun)).not.toBe('code');
    });
  });

  describe('these always ask', () => {
    test('a public native client whose redirect URI any program can claim (RFC 8252 §8.6), also one that is first-party', async () => {
      for (const redirectUri of ['com.example.app:/back', 'http://127.0.0.1/back'])
        for (const first_party of [false, true]) {
          const redirect_uris = [redirectUri];
          const app = await makeLoginClient(stack(), 'phone', { redirect_uris, first_party });
          const { visitor } = await signedIn(stack());
          await allow(visitor, app.begin());
          expect(await outcome(visitor, app.begin())).toBe('consent');
          expect(await outcome(visitor, app.begin({ prompt: 'none' }))).toBe(
            'interaction_required',
          );
        }
      const old = await makeLoginClient(stack());
      await sql`update client set metadata = metadata || '{"redirect_uris": ["http://localhost:3000/back"]}'
        where client_id = ${old.client.id}`.execute(stack().database.kysely);
      const begun = old.begin({ redirect_uri: 'http://localhost:3000/back' });
      const visitorOfOld = (await signedIn(stack())).visitor;
      await allow(visitorOfOld, begun);
      expect(await outcome(visitorOfOld, begun)).toBe('consent');
      const claimed = await makeLoginClient(stack(), 'phone', {
        redirect_uris: ['https://app.test/back'],
      });
      const { visitor } = await signedIn(stack());
      await allow(visitor, claimed.begin());
      expect(await outcome(visitor, claimed.begin())).toBe('code');
      await stack().domain.registry.update(serverActor, claimed.client.id, {
        metadata: { first_party: true },
      });
      expect(await outcome((await signedIn(stack())).visitor, claimed.begin())).toBe('code');
    });

    test.each<[string, Parameters<typeof makeLoginClient>[1], Record<string, string>]>([
      ['a native client on a loopback address', 'phone', {}],
      ['prompt=consent', 'website', { prompt: 'consent' }],
    ])('%s, and for one more scope it asks for that one alone', async (_name, kind, asked) => {
      const redirect_uris = ['http://127.0.0.1/back'];
      const app = await makeLoginClient(stack(), kind, kind === 'phone' ? { redirect_uris } : {});
      const { visitor, accountId } = await signedIn(stack());
      await allow(visitor, app.begin({ scope: 'openid things:read', ...asked }));
      const begun = app.begin({ scope: 'openid things:read things:write', ...asked });
      const page = await ask(visitor, begun);
      const [more = '', before = ''] = page.words.split('You have already allowed');
      expect(more).toContain('Create, change and delete your things');
      expect(more).not.toContain('See your things');
      expect(before).toContain('See your things');
      // A program that takes the place of the app gets what was allowed as well: the page shows it without a click.
      expect(/<details[^>]* open>/.test(page.text)).toBe(kind === 'phone');
      const { url } = await answer(visitor, page.path);
      expect((await app.redeem(begun, url as URL)).body.scope).toBe(
        'openid things:read things:write',
      );
      // What they have withdrawn is asked for like everything else.
      await stack().domain.consentMemory.withdraw(accountId, app.client.id);
      const again = await ask(visitor, app.begin({ scope: 'openid things:read', ...asked }));
      expect(again.words).not.toContain('You have already allowed');
      expect(again.words).toContain('See your things');
    });

    test('prompt=consent', async () => {
      const app = await makeLoginClient(stack());
      const { visitor } = await signedIn(stack());
      await allow(visitor, app.begin());
      const page = await ask(visitor, app.begin({ prompt: 'consent' }));
      expect(page.words).toContain('See your things');
      expect(page.words).not.toContain('You have already allowed');
    });

    test('scopes of Writ’s own API that are for administrators', async () => {
      const app = await makeLoginClient(stack(), 'website', {
        resources: [stack().apiResource],
        scope: 'openid clients:read apps:read',
        first_party: true,
      });
      const resource = stack().apiResource;
      const { visitor } = await signedIn(stack(), { roles: [administratorRole] });
      const begun = app.begin({ scope: 'clients:read', resource });
      await allow(visitor, begun);
      expect(await outcome(visitor, begun)).toBe('consent');
      const personal = app.begin({ scope: 'apps:read', resource });
      expect(await outcome(visitor, personal)).toBe('code');
    });
  });

  test('a first-party client, which only administrators mark, is not asked for, with a session and after a sign-in', async () => {
    const app = await makeLoginClient(stack(), 'website', { first_party: true });
    const { visitor, accountId } = await signedIn(stack());
    const begun = app.begin({ scope: 'openid things:write', prompt: 'none' });
    const { body } = await app.redeem(begun, await silently(visitor, begun));
    expect(decodeJwt(body.id_token).sub).toBe(accountId);
    expect(await stack().domain.consentMemory.list(accountId)).toEqual([]);
    expect(await outcome(visitor, app.begin({ prompt: 'consent' }))).toBe('consent');
  });

  describe('errors of a client that people created go to it only once the person has allowed it', () => {
    const wrong = { scope: 'nothing:here' };
    test.each(['website', 'native'] as const)('a %s', async (kind) => {
      const redirectUri = kind === 'native' ? 'com.example.acme:/back' : 'https://acme.test/back';
      const app = await makeAppClient(stack(), kind, redirectUri);
      const { visitor, accountId } = await signedIn(stack());
      const asked = { resource: app.resource };
      const refusal = () => visitor.get(app.begin({ ...asked, ...wrong }).path);
      expect((await refusal()).location).toBeNull();
      const begun = app.begin(asked);
      await app.redeem(begun, await allow(visitor, begun));
      const { location } = await refusal();
      expect(location?.startsWith(`${redirectUri}?error=invalid_scope`)).toBe(true);
      const strangers = createVisitor(stack().origin);
      expect((await strangers.get(app.begin({ ...asked, ...wrong }).path)).location).toBeNull();
      await stack().domain.consentMemory.withdraw(accountId, app.client.id);
      expect((await refusal()).location).toBeNull();
    });

    test('in the response mode of the request', async () => {
      const app = await makeAppClient(stack(), 'website', 'https://acme.test/back');
      const { visitor } = await signedIn(stack());
      await allow(visitor, app.begin({ resource: app.resource }));
      const asked = { resource: app.resource, ...wrong };
      const fragment = await visitor.get(app.begin({ ...asked, response_mode: 'fragment' }).path);
      expect(fragment.location).toMatch(/^https:\/\/acme\.test\/back#error=invalid_scope/);
      const form = await visitor.get(app.begin({ ...asked, response_mode: 'form_post' }).path);
      expect(form.text).toContain('name="error" value="invalid_scope"');
      const none = { resource: app.resource, request: 'x', response_mode: '__proto__' };
      expect((await visitor.get(app.begin(none).path)).location).toContain(
        'https://acme.test/back?error=request_not_supported',
      );
    });
  });

  describe('prompt=none (OpenID Connect Core §3.1.2.6)', () => {
    test('succeeds for a person who is signed in and has allowed the client, else says why not', async () => {
      const app = await makeLoginClient(stack());
      const none = () => app.begin({ prompt: 'none' });
      expect(await outcome(createVisitor(stack().origin), none())).toBe('login_required');
      const { visitor, accountId } = await signedIn(stack());
      expect(await outcome(visitor, none())).toBe('consent_required');
      await allow(visitor, app.begin());
      const begun = none();
      const { body } = await app.redeem(begun, await silently(visitor, begun));
      expect(decodeJwt(body.id_token).sub).toBe(accountId);
      const more = app.begin({ prompt: 'none', scope: 'openid things:write' });
      expect(await outcome(visitor, more)).toBe('consent_required');
    });

    test('never succeeds past max_age or the default_max_age of the client, and says auth_time', async () => {
      const app = await makeLoginClient(stack());
      const impatient = await makeLoginClient(stack(), 'website', { default_max_age: 600 });
      const { visitor, accountId } = await signedIn(stack());
      for (const client of [app, impatient]) await allow(visitor, client.begin());
      const recent = app.begin({ prompt: 'none', max_age: '600' });
      const { body } = await app.redeem(recent, await silently(visitor, recent));
      const claims = decodeJwt(body.id_token);
      expect(Date.now() / 1000 - Number(claims['auth_time'])).toBeLessThan(60);
      await sql`update session set signed_in_at = now() - interval '11 minutes' where account_id = ${accountId}::uuid`.execute(
        stack().database.kysely,
      );
      expect(await outcome(visitor, app.begin({ prompt: 'none', max_age: '700' }))).toBe('code');
      for (const begun of [
        app.begin({ prompt: 'none', max_age: '600' }),
        app.begin({ prompt: 'none', max_age: '0' }),
        impatient.begin({ prompt: 'none' }),
      ])
        expect(await outcome(visitor, begun)).toMatch(/^(login_required|invalid_request)$/);
      expect(await outcome(visitor, impatient.begin())).toBe('consent');
    });

    test('waits for a second factor in the session if the client requires one', async () => {
      const app = await makeLoginClient(stack(), 'website', { require_second_factor: true });
      const { visitor, accountId } = await signedIn(stack());
      const { kysely } = stack().database;
      const none = () => outcome(visitor, app.begin({ prompt: 'none' }));
      const page = async () => (await ask(visitor, app.begin())).location;
      expect(await none()).toBe('login_required');
      // Who has none sets one up first; who has one proves it.
      expect(await page()).toMatch(/^\/sign-in\/enrol\?return_to=%2Fconsent%2F/);
      await addAuthenticator(kysely, accountId);
      expect(await page()).toMatch(/^\/sign-in\/factor\?return_to=%2Fconsent%2F/);
      await sql`update session set factor_at = now() where account_id = ${accountId}::uuid`.execute(
        kysely,
      );
      await allow(visitor, app.begin());
      expect(await none()).toBe('code');
    });

    test('waits for a second factor that a policy requires from now on, as every page does; tokens go on', async () => {
      const { api, database } = stack();
      const role = unique('careful');
      await api.call('PUT', `/roles/${role}`, { permissions: [] });
      const app = await makeLoginClient(stack());
      const { visitor, accountId } = await signedIn(stack(), { roles: [role] });
      const begun = app.begin();
      const { body } = await app.redeem(begun, await allow(visitor, begun));
      const none = () => outcome(visitor, app.begin({ prompt: 'none' }));
      const since = () =>
        database.kysely
          .selectFrom('account')
          .select(sql<string | null>`factor_policies->>${`role:${role}`}`.as('at'))
          .where('id', '=', accountId)
          .executeTakeFirstOrThrow();
      expect(await none()).toBe('code');

      // The person has three days from the first page under the policy.
      const within = (days: number) =>
        api.call('PUT', `/roles/${role}`, {
          permissions: [],
          second_factor: 'required',
          second_factor_within_days: days,
        });
      await within(3);
      expect(await since()).toEqual({ at: null });
      const home = await visitor.get('/account');
      expect([home.status, home.words]).toEqual([200, expect.stringContaining('second factor')]);
      expect(await since()).toEqual({ at: expect.any(String) });
      expect(await none()).toBe('code');
      await visitor.get('/account/tokens/new');
      await sql`update account set factor_policies = jsonb_build_object(${`role:${role}`}::text, now() - interval '4 days')
        where id = ${accountId}::uuid`.execute(database.kysely);

      const enrols = (path: string) => `/sign-in/enrol?${new URLSearchParams({ return_to: path })}`;
      for (const path of ['/account', '/apps', '/device?user_code=BCDF-GHJK'])
        expect((await visitor.get(path)).location).toBe(enrols(path));
      const token = { resource: app.resource, name: 'later', 'scope:things:read': 'on' };
      for (const [path, fields] of [['/account/tokens', token], ['/docs/token']] as const)
        expect((await visitor.submit(path, fields)).location).toMatch(/^\/sign-in\/enrol/);
      const made = await database.kysely
        .selectFrom('token')
        .select('kind')
        .where('account_id', '=', accountId)
        .where('shelf', '=', 0)
        .execute();
      expect(made).toEqual([]);
      expect(await none()).toBe('login_required');
      const page = (await ask(visitor, app.begin())).location;
      expect(page).toMatch(/^\/sign-in\/enrol\?return_to=%2Fconsent%2F/);
      expect((await app.introspect(body.access_token)).body).toMatchObject({ active: true });

      // Setting one up leads on.
      expect((await visitor.get(String(page))).status).toBe(200);
      await addAuthenticator(database.kysely, accountId);
      expect((await visitor.get('/account')).status).toBe(200);
      // A session of a browser that proved one elsewhere lacks none.
      await sql`delete from authenticator where account_id = ${accountId}::uuid`.execute(
        database.kysely,
      );
      await sql`update session set factor_at = now() where account_id = ${accountId}::uuid`.execute(
        database.kysely,
      );
      expect((await visitor.get('/account')).status).toBe(200);
    });

    test('waits for a second factor if acr asks for one: always if it is essential, else from people who have one', async () => {
      const app = await makeLoginClient(stack());
      const { visitor, accountId } = await signedIn(stack());
      const { kysely } = stack().database;
      const wish = { acr_values: '2 1' };
      const acr = { essential: true, values: ['2'] };
      const need = { scope: 'openid things:read', claims: JSON.stringify({ id_token: { acr } }) };
      await allow(visitor, app.begin());
      const none = (asked: Record<string, string>) =>
        outcome(visitor, app.begin({ prompt: 'none', ...asked }));
      const page = async (asked: Record<string, string>) =>
        (await ask(visitor, app.begin({ prompt: 'consent', ...asked }))).location ?? 'the page';
      expect([await none(wish), await page(wish)]).toEqual(['code', 'the page']);
      expect([await none(need), await page(need)]).toEqual([
        'login_required',
        expect.stringMatching(/^\/sign-in\/enrol\?/),
      ]);
      await addAuthenticator(kysely, accountId);
      for (const asked of [wish, need]) {
        expect(await none(asked)).toBe('login_required');
        expect(await page(asked)).toMatch(/^\/sign-in\/factor\?/);
      }
      expect(await none({ acr_values: '1 2' })).toBe('code');
      await sql`update session set factor_at = now() where account_id = ${accountId}::uuid`.execute(
        kysely,
      );
      expect([await none(wish), await page(wish)]).toEqual(['code', 'the page']);
    });

    test('gets login_required if another account is signed in than that of the id_token_hint', async () => {
      const app = await makeLoginClient(stack());
      const [first, second] = [await signedIn(stack()), await signedIn(stack())];
      const before = app.begin();
      const { body } = await app.redeem(before, await allow(first.visitor, before));
      await allow(second.visitor, app.begin());
      const hinted = () => app.begin({ prompt: 'none', id_token_hint: body.id_token });
      expect(await outcome(first.visitor, hinted())).toBe('code');
      expect(await outcome(second.visitor, hinted())).toBe('login_required');
    });
  });

  test('an id_token_hint of another account asks to sign in with that account, which then continues without a page', async () => {
    const app = await makeLoginClient(stack());
    const [first, second] = [await signedIn(stack()), await signedIn(stack())];
    const before = app.begin();
    const { body } = await app.redeem(before, await allow(first.visitor, before));
    const hinted = app.begin({ id_token_hint: body.id_token });
    const { visitor } = second;
    const page = await ask(visitor, hinted);
    expect(page.words).toContain('The app expects another account');
    expect(page.text).not.toContain('value="allow"');
    const [, href = ''] = /href="([^"]*)">Sign in with another account/.exec(page.text) ?? [];
    await visitor.get(href.replaceAll('&amp;', '&'));
    const { email, password } = first;
    const back = await visitor.submit('/sign-in', { email, password, return_to: page.path });
    const leaving = await visitor.get(back.location ?? '');
    const resume = page.path.replace('/consent/', '/connect/authorize/');
    expect([leaving.status, leaving.location]).toEqual([303, resume]);
    expect((await app.redeem(hinted, await silently(visitor, { path: resume }))).status).toBe(200);
  });

  test('a person without a session signs in and is not asked again; a page stands between the form and the app', async () => {
    const app = await makeLoginClient(stack());
    const { visitor, email, password } = await signedIn(stack());
    await allow(visitor, app.begin());
    for (const changed of [
      {},
      { prompt: 'login' },
      { prompt: 'select_account' },
      { max_age: '0' },
    ]) {
      const other = createVisitor(stack().origin);
      const begun = app.begin(changed as Record<string, string>);
      const sent = await other.get(begun.path);
      const returnTo = new URL(sent.location ?? '', stack().origin).searchParams.get('return_to');
      const back = await other.signIn(email, password, returnTo ?? '');
      const leaving = await other.get(back.location ?? '');
      expect(leaving.status).toBe(200);
      expect(leaving.words).toContain(`Back to ${app.name}`);
      expect((await app.redeem(begun, new URL(leaving.location ?? ''))).status).toBe(200);
    }
  });

  test('prompt=login with a session asks for the password, and not for what was allowed', async () => {
    const app = await makeLoginClient(stack());
    const { visitor, email, password } = await signedIn(stack());
    await allow(visitor, app.begin());
    const begun = app.begin({ prompt: 'login' });
    const { path, location } = await ask(visitor, begun);
    await visitor.get(location ?? '');
    await visitor.submit('/sign-in', { email, password, return_to: path });
    const resumed = await visitor.get((await visitor.get(path)).location ?? '');
    // A page stands between the form and the app.
    expect(resumed.status).toBe(200);
    expect((await app.redeem(begun, new URL(resumed.location ?? ''))).status).toBe(200);
  });

  test('prompt=select_account lets a person choose, and asks for nothing else that they have allowed', async () => {
    const app = await makeLoginClient(stack());
    const { visitor, email } = await signedIn(stack());
    await allow(visitor, app.begin());
    const page = await ask(visitor, app.begin({ prompt: 'select_account' }));
    expect(page.words).toContain(`Continue to ${app.name}`);
    expect(page.words).toContain(email);
    expect(page.words).not.toContain('It will be able to');
    const { url } = await answer(visitor, page.path);
    expect(url?.searchParams.has('code')).toBe(true);
  });

  test('a client without a session that posts its request from another site keeps the session of the person', async () => {
    const app = await makeLoginClient(stack());
    const { visitor } = await signedIn(stack());
    await allow(visitor, app.begin());
    const begun = app.begin({ prompt: 'none' });
    const [path = '', query = ''] = begun.path.split('?');
    // A browser withholds the cookie of the session from this request (SameSite=Lax).
    const sent = await createVisitor(stack().origin).submit(
      path,
      Object.fromEntries(new URLSearchParams(query)),
    );
    expect(sent.location).toMatch(/^\/connect\/authorize\/continue\?request=/);
    const url = await silently(visitor, { path: sent.location ?? '' });
    expect((await app.redeem(begun, url)).status).toBe(200);
    const stranger = await createVisitor(stack().origin).get(sent.location ?? '');
    expect(errorOf(new URL(stranger.location ?? ''))).toBe('login_required');
    // One that does not fit into that GET is refused: nobody knows whether its person is signed in.
    const long = app.begin({
      prompt: 'none',
      scope: `openid ${noise(3980)}`,
      state: noise(2040),
      nonce: noise(510),
      login_hint: noise(310),
      claims: JSON.stringify({ userinfo: { [noise(1000)]: null } }),
    });
    const refused = await createVisitor(stack().origin).submit(
      path,
      Object.fromEntries(new URLSearchParams(long.path.split('?')[1])),
    );
    const { searchParams } = new URL(refused.location ?? '');
    expect(searchParams.get('error')).toBe('invalid_request');
    expect(searchParams.get('error_description')).toContain('RFC 9126');
  });

  test('a pushed request is answered once, also without a page', async () => {
    const app = await makeLoginClient(stack());
    const { visitor } = await signedIn(stack());
    await allow(visitor, app.begin());
    const begun = app.begin();
    const form = Object.fromEntries(new URLSearchParams(begun.path.split('?')[1]));
    const { body } = await stack().post('/connect/par', form);
    const query = new URLSearchParams({ client_id: app.client.id, request_uri: body.request_uri });
    const path = `/connect/authorize?${query}`;
    const pages = await Promise.all([1, 2, 3].map(() => visitor.get(path)));
    // Only a request that was read before it was used knows the redirect URI; a later one gets a page.
    const late = await visitor.get(path);
    expect(late).toMatchObject({ status: 400, location: null });
    const answers = [...pages, late].map(({ location, words }) =>
      location
        ? (errorOf(new URL(location)) ?? 'code')
        : /\binvalid_request_uri\b/.exec(words)?.[0],
    );
    expect(answers.toSorted()).toEqual(['code', ...Array(3).fill('invalid_request_uri')]);
    const codes = pages.flatMap(({ location }) => (location ? new URL(location) : []));
    const [code] = codes.filter((url) => url.searchParams.has('code'));
    expect((await app.redeem(begun, code as URL)).status).toBe(200);
  });
});

/** Silent logins and their codes are stored; on every stack one code is redeemed once. */
onEveryStack((stack) => {
  const loggedIn = async () => {
    const app = await makeLoginClient(stack());
    const person = await signedIn(stack());
    const begun = app.begin({ scope: 'openid things:read offline_access' });
    const { body } = await app.redeem(begun, await allow(person.visitor, begun));
    return { app, ...person, token: String(body.access_token) };
  };
  const isActive = async (app: LoginClient, token: string): Promise<boolean> =>
    (await app.introspect(token)).body.active;

  test('a code that came without a page is redeemed once, however many ask at once', async () => {
    const { app, visitor } = await loggedIn();
    const begun = app.begin();
    const url = await silently(visitor, begun);
    const answers = await Promise.all(Array.from({ length: 10 }, () => app.redeem(begun, url)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(await isActive(app, answers[0]?.body.access_token)).toBe(true);
  });

  test('a new login in the same browser replaces the old one, once its code is redeemed', async () => {
    const { app, visitor, accountId, token, email, password } = await loggedIn();
    const begun = app.begin();
    const url = await silently(visitor, begun);
    expect(await isActive(app, token)).toBe(true);
    const { body } = await app.redeem(begun, url);
    expect(await isActive(app, token)).toBe(false);
    expect(await isActive(app, body.access_token)).toBe(true);
    const [old] = await grantsOf(stack(), accountId);
    expect(old?.revoked_because).toBe('replaced');
    // Also after signing out and in.
    await visitor.get('/account');
    await visitor.submit('/sign-out');
    await visitor.signIn(email, password);
    const again = app.begin();
    await app.redeem(again, await silently(visitor, again));
    expect(await isActive(app, body.access_token)).toBe(false);
    expect(
      (await grantsOf(stack(), accountId)).filter(({ revoked_at }) => !revoked_at),
    ).toHaveLength(1);
    const mails = await stack()
      .database.kysely.selectFrom('mail')
      .select('kind')
      .where('account_id', '=', accountId)
      .where('kind', '<>', 'password_changed')
      .execute();
    expect(mails).toEqual([]);
  });

  test('a login in another browser, of another client or of another person stays', async () => {
    const { app, visitor, token, email, password } = await loggedIn();
    const otherBrowser = createVisitor(stack().origin);
    await otherBrowser.signIn(email, password);
    const elsewhere = app.begin();
    const { body } = await app.redeem(elsewhere, await silently(otherBrowser, elsewhere));
    const otherApp = await makeLoginClient(stack());
    const begun = otherApp.begin();
    await otherApp.redeem(begun, await allow(visitor, begun));
    const person = await makePerson(stack());
    await visitor.signIn(person.email, person.password);
    const theirs = app.begin();
    await app.redeem(theirs, await allow(visitor, theirs));
    expect(await isActive(app, token)).toBe(true);
    expect(await isActive(app, body.access_token)).toBe(true);
  });

  test('prompt=none never gives more than it asks for, nor what was declined since, whatever an earlier login has', async () => {
    const app = await makeLoginClient(stack(), 'website', { optional_scopes: ['email'] });
    const { visitor, email, password } = await signedIn(stack());
    const all = { scope: 'openid email things:read things:write' };
    const whole = app.begin(all);
    const first = await ask(visitor, whole);
    const { url } = await answer(visitor, first.path, 'allow', { scope_email: 'on' });
    await app.redeem(whole, url as URL);
    const renew = async (scope: string) => {
      const begun = app.begin({ scope, prompt: 'none' });
      return (await app.redeem(begun, await silently(visitor, begun))).body;
    };
    expect((await renew(all.scope)).scope).toBe(all.scope);
    const fewer = await renew('openid things:read');
    expect(fewer.scope).toBe('openid things:read');
    expect(decodeJwt(fewer.id_token)).not.toHaveProperty('email');
    // In another browser, the person declines what the login in this one has.
    const other = createVisitor(stack().origin);
    await other.signIn(email, password);
    const again = await ask(other, app.begin({ ...all, prompt: 'consent' }));
    await answer(other, again.path);
    const declined = await renew(all.scope);
    expect(declined.scope).toBe('openid things:read things:write');
    expect(decodeJwt(declined.id_token)).not.toHaveProperty('email');
  });

  test('prompt=none joins the login of its browser, so two tabs do not end one another', async () => {
    const { app, visitor, accountId, token } = await loggedIn();
    for (let tab = 0; tab < 3; tab++) {
      const begun = app.begin({ prompt: 'none' });
      const { status } = await app.redeem(begun, await silently(visitor, begun));
      expect(status).toBe(200);
    }
    expect(await isActive(app, token)).toBe(true);
    expect(await grantsOf(stack(), accountId)).toHaveLength(1);
    // It ends with it.
    const begun = app.begin({ prompt: 'none' });
    const { body } = await app.redeem(begun, await silently(visitor, begun));
    const [login] = await grantsOf(stack(), accountId);
    await stack().domain.grants.revoke(login?.id ?? '');
    expect(await isActive(app, body.access_token)).toBe(false);
    // Then it is a login of its own again.
    const next = app.begin({ prompt: 'none' });
    const { body: renewed } = await app.redeem(next, await silently(visitor, next));
    expect(await isActive(app, renewed.access_token)).toBe(true);
  });
});
