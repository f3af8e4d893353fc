// The sections about other servers: identity providers, cross-app access, and streams of Shared Signals.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import {
  signInWith,
  startIdentityProvider,
  upstreamSecret,
} from '../../support/identity-provider.ts';
import { makeParties } from '../../support/parties.ts';
import { signedIn } from '../../support/people.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { createVisitor } from '../../support/visitor.ts';
import { ageSignIns, expectDone } from '../apps/support.ts';
import { expectEveryFormSent } from './support.ts';

onStack((stack) => {
  const id = unique('acme');
  let op: Awaited<ReturnType<typeof startIdentityProvider>>;
  beforeAll(async () => {
    op = await startIdentityProvider(stack().issuer, [id]);
  });
  afterAll(() => op.close());

  const again = () =>
    stack().database.kysely.updateTable('session').set({ signed_in_at: new Date() }).execute();

  test('an administrator adds an identity provider, changes it, and reads before its end how many could not sign in', async () => {
    const { domain, database } = stack();
    const home = '/admin/identity-providers';
    const path = `${home}/${id}`;
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    await visitor.get(`${home}/new`);
    const wrong = await visitor.submit(home, {
      id: 'Acme',
      client_id: 'writ',
      client_secret: upstreamSecret,
    });
    expect(wrong.status).toBe(400);
    expect(wrong.text).not.toContain(upstreamSecret);
    const made = await visitor.submit(home, {
      id,
      name: 'Acme Login',
      issuer: op.origin,
      client_id: 'writ',
      client_secret: upstreamSecret,
      private_network: 'on',
    });
    await expectDone(visitor, made, path, 'People can sign in with the provider now');
    expect((await visitor.get(home)).words).toContain(op.origin);
    const first = await visitor.get(path);
    expect(first.text).toContain(`/sign-in/with/${id}/callback`);
    expect(first.words).toContain('No account has an identity there');

    const stale = /name="version" value="([^"]+)"/.exec(first.text)?.[1] ?? '';
    const settings = {
      version: stale,
      name: 'Acme',
      client_id: 'writ',
      client_secret: '',
      scopes: 'openid email profile',
      domains: 'acme.com',
      create_accounts: 'on',
      trusts_email: 'on',
      allowed_domains: 'acme.com',
    };
    const bad = await visitor.submit(`${path}/settings`, { ...settings, domains: 'not a domain' });
    expect(bad.status).toBe(400);
    expect(bad.words).toContain('is not a domain');
    const saved = await visitor.submit(`${path}/settings`, settings);
    await expectDone(visitor, saved, path, 'The provider is saved');
    expect(await domain.providers.find(id)).toMatchObject({
      name: 'Acme',
      domains: ['acme.com'],
      create_accounts: 'verified',
      has_client_secret: true,
    });
    expect(await domain.providers.secretOf(id)).toBe(upstreamSecret);
    const undone = await visitor.submit(`${path}/settings`, settings);
    expect([undone.status, undone.words]).toEqual([
      409,
      expect.stringContaining('was changed meanwhile'),
    ]);

    expect((await visitor.submit(`${path}/check`)).words).toContain(op.origin);
    op.state.person = {
      sub: unique('subject'),
      email: `${unique('ada')}@acme.com`,
      email_verified: true,
      name: 'Ada',
    };
    const newcomer = createVisitor(stack().origin);
    await newcomer.get('/sign-in');
    await signInWith(newcomer, stack().origin, id);
    const used = await visitor.get(path);
    expect(used.words).toMatch(/One account; it has no other way to sign in/);
    expect(used.words).toContain('One account has no other way to sign in.');
    expect(used.words).toContain('one account loses its identity there');

    const found = await visitor.get(`/admin/search?q=${id}`);
    expect(found.text).toContain(`href="${path}"`);
    const disabled = await visitor.submit(`${path}/disable`);
    await expectDone(visitor, disabled, path, 'The provider is disabled');
    const enabled = await visitor.submit(`${path}/enable`);
    await expectDone(visitor, enabled, path, 'The provider is enabled');
    await ageSignIns({ database });
    expect((await visitor.submit(`${path}/delete`)).location).toMatch(/^\/sign-in/);
    expect(await domain.providers.find(id)).toBeDefined();
    await again();
    await visitor.get(path);
    const deleted = await visitor.submit(`${path}/delete`);
    await expectDone(visitor, deleted, home, 'The provider is deleted');
    expect((await visitor.get(path)).status).toBe(404);
  });

  test('an administrator gives a client access at another server, changes, disables and deletes it', async () => {
    const { domain } = stack();
    const home = '/admin/cross-app-access';
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    const { id: client } = await stack().api.createClient({
      client_id: unique('assistant'),
      grant_types: ['urn:ietf:params:oauth:grant-type:token-exchange'],
    });
    const access = unique('chat');
    const path = `${home}/${access}`;
    await visitor.get(`${home}/new`);
    const given = {
      id: access,
      client,
      audience: 'https://login.chat.example',
      client_id_there: 'f53f191f',
      resources: 'https://mcp.chat.example',
      scopes: 'chat.read chat.write',
      lifetime: '300',
    };
    const wrong = await visitor.submit(home, { ...given, audience: 'chat', lifetime: 'long' });
    expect(wrong.status).toBe(400);
    const made = await visitor.submit(home, given);
    await expectDone(visitor, made, path, 'The client can get access');
    expect((await visitor.get(home)).words).toContain('for everyone');
    const { text } = await visitor.get(path);
    const version = /name="version" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const saved = await visitor.submit(`${path}/settings`, {
      ...given,
      version,
      roles: 'administrator',
      lifetime: '60',
      email: 'on',
    });
    await expectDone(visitor, saved, path, 'The access is saved');
    expect(await domain.crossAppAccess.find(access)).toMatchObject({
      roles: ['administrator'],
      lifetime: 60,
      email: true,
      scopes: ['chat.read', 'chat.write'],
      audience: 'https://login.chat.example',
    });
    const undone = await visitor.submit(`${path}/settings`, { ...given, version });
    expect(undone.status).toBe(409);
    expect((await visitor.get(`/admin/search?q=${access}`)).text).toContain(`href="${path}"`);
    await expectDone(visitor, await visitor.submit(`${path}/disable`), path, 'is disabled');
    await expectDone(visitor, await visitor.submit(`${path}/enable`), path, 'is enabled');
    await expectDone(visitor, await visitor.submit(`${path}/delete`), home, 'is deleted');
    expect((await visitor.get(path)).status).toBe(404);
  });

  test('people with some scopes only see providers and cross-app access, and change nothing', async () => {
    const role = unique('role');
    await stack().api.call('PUT', `/roles/${role}`, {
      permissions: [],
      api_scopes: ['accounts:read', 'accounts:write', 'clients:read', 'clients:write'],
    });
    const { visitor } = await signedIn(stack(), { roles: [role] });
    const page = await visitor.get('/admin/identity-providers');
    expect(page.status).toBe(200);
    expect(page.words).not.toContain('Add a provider');
    const name = unique('other');
    const refused = await visitor.submit('/admin/identity-providers', {
      id: name,
      issuer: op.origin,
      client_id: 'writ',
      private_network: 'on',
    });
    expect(refused.status).toBe(403);
    expect(await stack().domain.providers.find(name)).toBeUndefined();
  });

  test('a stream that fails is named on the first page, and its page says since when, what waits and what to do', async () => {
    const { domain, database } = stack();
    const { resourceServer } = await makeParties(stack());
    const description = unique('stream');
    const { id: stream } = await domain.signalStreams.create(resourceServer.id, {
      endpointUrl: 'https://receiver.test/events',
      authorization: null,
      eventsRequested: [],
      description,
    });
    await domain.signalStreams.verify(resourceServer.id, stream, undefined);
    await sql`update signal_stream set failing_since = now() - interval '5 hours', attempts = 4,
      next_attempt_at = now() + interval '50 minutes' where id = ${stream}`.execute(
      database.kysely,
    );
    const home = '/admin/signal-streams';
    const path = `${home}/${stream}`;
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    const first = await visitor.get('/admin');
    expect(first.text).toContain(`href="${path}"`);
    expect(first.words).toMatch(/fails\. The first failure was 5 hours ago/);
    expect((await visitor.get(home)).words).toMatch(/Failing To .* one event waits/);
    const page = await visitor.get(path);
    expect(page.words).toMatch(
      /Its pushes fail\. The first failure was 5 hours ago\. .*1 event, the oldest/,
    );
    const { body } = await stack().api.call('GET', '/signal-streams');
    expect(body.items).toContainEqual(
      expect.objectContaining({ id: stream, waiting: 1, failing_since: expect.any(String) }),
    );
    expect((await visitor.get(`/admin/search?q=${description}`)).text).toContain(path);
    const deleted = await visitor.submit(`${path}/delete`);
    await expectDone(visitor, deleted, home, 'The stream is deleted');
    expect((await visitor.get(path)).status).toBe(404);
    expect((await visitor.get('/admin')).text).not.toContain(path);
  });

  test.each(['identity-providers', 'cross-app-access', 'signal-streams'])(
    'every form of the section %s was sent above',
    (section) => expectEveryFormSent(stack(), `/admin/${section}`),
  );
});
