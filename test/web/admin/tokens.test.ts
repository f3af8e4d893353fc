import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { makeBackend } from '../../api/backend.ts';
import { makeLoggedIn } from '../../support/logins.ts';
import { makeParties } from '../../support/parties.ts';
import { signedIn } from '../../support/people.ts';
import { until } from '../../support/process.ts';
import { onStack, unique } from '../../support/stacks.ts';
import { createVisitor } from '../../support/visitor.ts';
import { expectDone } from '../apps/support.ts';
import { expectEveryFormSent } from './support.ts';

const home = '/admin/tokens';

onStack((stack) => {
  test('an operator pastes a refused token, sees why, and that its value is not shown again', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['auditor'] });
    const { issue, client, resource } = await makeParties(stack());
    const token = await issue({ scope: 'things:read' });
    await visitor.get(home);
    const active = await visitor.submit(`${home}/check`, { token: `Bearer ${token}\n` });
    expect(active.words).toContain('It is active');
    expect(active.words).toContain(resource);
    expect(active.text).not.toContain(token);
    expect(active.text).not.toContain('Revoke the token');
    await stack().api.call('POST', `/clients/${client.id}/disable`);
    await visitor.get(home);
    const refused = await visitor.submit(`${home}/check`, { token });
    expect(refused.words).toMatch(/It is not active.*Its client is disabled or deleted/);

    await visitor.get(home);
    expect((await visitor.submit(`${home}/check`, { token: token.slice(0, -2) })).words).toContain(
      'it was cut off or mistyped',
    );
    await visitor.get(home);
    expect((await visitor.submit(`${home}/check`, { token: ' ' })).status).toBe(400);
    expect(stack().logged()).not.toContain(token);
  });

  test('a token that someone pastes into the search is in no address that follows, also for people who must sign in first', async () => {
    const { issue } = await makeParties(stack());
    const token = await issue();
    const stranger = createVisitor(stack().origin);
    for (const pasted of [token, `Bearer ${token}`, 'eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0.abc']) {
      const q = new URLSearchParams({ q: pasted });
      const { location } = await stranger.get(`/admin/search?${q}`);
      expect(location).toMatch(/^\/sign-in\?return_to=%2Fadmin%2Fsearch$/);
    }
    expect((await stranger.get('/admin/search?q=ada')).location).toContain('q%3Dada');
  });

  test('tokens with a name are found by name, client, kind and state; one is revoked after a recent sign-in', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    const { client, make } = await makeBackend(stack());
    const { id, name } = await make();
    const found = async (query: Record<string, string>) =>
      (await visitor.get(`${home}?${new URLSearchParams(query)}`)).text.includes(`${home}/${id}"`);
    expect(await found({ client: client.id })).toBe(true);
    expect(await found({ name, kind: 'api_token', state: 'active' })).toBe(true);
    expect(await found({ client: client.id, state: 'revoked' })).toBe(false);
    expect(await found({ person: `${unique('none')}@example.com` })).toBe(false);
    expect((await visitor.get(`${home}?after=nonsense`)).status).toBe(400);

    const path = `${home}/${id}`;
    expect((await visitor.get(path)).words).toContain('Revoke the token');
    const revoked = await visitor.submit(`${path}/revoke`);
    await expectDone(
      visitor,
      revoked,
      path,
      /The token is revoked.*It is not active.*It was revoked/,
    );
    expect(await found({ client: client.id, state: 'revoked' })).toBe(true);
    expect((await visitor.get(`${home}/tok_${'0'.repeat(25)}`)).status).toBe(404);
  });

  test('several tokens are chosen, shown with what ends, and revoked; one that the person may not end stays, and says why', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    const { make } = await makeBackend(stack());
    const [one, two, three] = [await make(), await make(), await make()];
    const isActive = async (id: string) =>
      (await stack().api.call('GET', `/tokens/${id}`)).body.active;
    await visitor.get(home);
    expect((await visitor.submit(`${home}/revoke`)).status).toBe(400);
    const fields = { [`token:${one.id}`]: 'on', [`token:${two.id}`]: 'on', 'token:none': 'on' };
    const asked = await visitor.submit(`${home}/revoke`, fields);
    expect(asked.words).toContain('Revoke 2 tokens?');
    expect(asked.words).toContain(one.name);
    expect(await isActive(one.id)).toBe(true);
    const done = await visitor.submit(`${home}/revoke`, { ...fields, confirmed: 'yes' });
    expect(done.words).toContain('2 tokens are revoked');
    expect([await isActive(one.id), await isActive(two.id)]).toEqual([false, false]);

    const role = unique('ends');
    const api_scopes = ['tokens:read', 'tokens:revoke'];
    await stack().api.call('PUT', `/roles/${role}`, { permissions: [], api_scopes });
    const { visitor: other } = await signedIn(stack(), { roles: [role] });
    await other.get(home);
    const refused = await other.submit(`${home}/revoke`, {
      [`token:${three.id}`]: 'on',
      confirmed: 'yes',
    });
    expect(refused.words).toMatch(/0 tokens are revoked.*tokens:write/);
    expect(await isActive(three.id)).toBe(true);
  });

  test('all tokens that match a filter are revoked after the person has seen how many, and typed it; the page says how far it has come', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['administrator'] });
    const { make } = await makeBackend(stack());
    const name = unique('fleet');
    const tokens = [await make({ name: `${name} a` }), await make({ name: `${name} b` })];
    const isActive = async ({ id }: { id: string }) =>
      (await stack().api.call('GET', `/tokens/${id}`)).body.active;
    const revocations = `${home}/revocations`;
    // Without a filter there is nothing to begin with.
    expect((await visitor.get(home)).words).not.toContain('Revoke all that match');
    expect((await visitor.get(`${home}?name=${name}&state=revoked`)).words).not.toContain(
      'Revoke all that match',
    );
    expect((await visitor.get(`${home}?name=${name}`)).words).toContain('Revoke all that match');
    const asked = await visitor.submit(revocations, { name });
    expect(asked.words).toMatch(new RegExp(`Revoke 2 tokens\\?.*Name begins with ${name}`));
    const mistyped = await visitor.submit(revocations, { name, confirmation: 'yes' });
    expect([mistyped.status, await isActive(tokens[0])]).toEqual([400, true]);
    const begun = await visitor.submit(revocations, { name, confirmation: 'revoke' });
    expect(begun.location).toMatch(/^\/admin\/tokens\/revocations\/[0-9a-f-]{36}$/);
    const path = begun.location ?? '';
    await until('it to be done', async () => {
      expect((await visitor.get(path)).words).toMatch(/2 tokens revoked.*no longer work anywhere/);
    });
    expect(await Promise.all(tokens.map(isActive))).toEqual([false, false]);
    expect((await visitor.get(revocations)).words).toMatch(
      new RegExp(`name begins with ${name} 2`),
    );
    expect((await visitor.get(`${revocations}/none`)).status).toBe(404);
    await visitor.get(`${home}?name=${name}`);
    expect((await visitor.submit(revocations, { name })).words).toContain(
      'No active token matches',
    );
  });

  test('a bulk revocation that runs is followed, and stopped on its page', async () => {
    const { visitor, accountId } = await signedIn(stack(), { roles: ['administrator'] });
    const id = randomUUID();
    await stack()
      .database.kysely.insertInto('bulk_revocation')
      .values({
        id,
        filter: JSON.stringify({ name: unique('fleet') }),
        actor: JSON.stringify({
          kind: 'account',
          id: accountId,
          clientId: '',
          scopes: [],
          ip: null,
        }),
      })
      .execute();
    const path = `${home}/revocations/${id}`;
    const running = await visitor.get(path);
    expect(running.headers.get('refresh')).toBe('3');
    expect(running.words).toMatch(/0 tokens revoked so far.*Begun by/);
    await expectDone(
      visitor,
      await visitor.submit(`${path}/stop`),
      path,
      /It is stopped.*Stopped after 0 tokens/,
    );
    expect((await visitor.get(path)).headers.get('refresh')).toBeNull();
  });

  test('the page of a token says what introspection says: its scopes of now, its binding, and what its kind is good for', async () => {
    const { visitor } = await signedIn(stack(), { roles: ['auditor'] });
    const shown = async (token: string) => {
      await visitor.get(home);
      return (await visitor.submit(`${home}/check`, { token })).words;
    };
    const { issue, client } = await makeParties(stack());
    const token = await issue({ scope: 'things:read things:write' });
    await stack().api.call('PATCH', `/clients/${client.id}`, { scope: 'things:read' });
    const { scope } = (await stack().introspect(token, client)).body;
    expect(scope).toBe('things:read');
    expect(await shown(token)).toMatch(/Scopes things:read Roles/);

    const { refreshToken } = await makeLoggedIn(stack());
    expect(await shown(refreshToken)).toContain('Its client gets access tokens with it');
    const { key } = await makeBackend(stack());
    expect(await shown(key)).toContain('for this server’s own API');
    const { database } = stack();
    await database.kysely
      .updateTable('token')
      .set({ payload: JSON.stringify({ jkt: 'x' }) })
      .where('client_id', 'in', (clients) =>
        clients.selectFrom('client').select('id').where('client_id', '=', client.id),
      )
      .execute();
    expect(await shown(token)).toContain('needs a DPoP proof');
  });

  test('people who may not see accounts see no names and addresses, on no page of tokens and in no event', async () => {
    const role = unique('watcher');
    const api_scopes = ['tokens:read', 'audit:read'];
    await stack().api.call('PUT', `/roles/${role}`, { permissions: [], api_scopes });
    const { visitor } = await signedIn(stack(), { roles: [role] });
    const name = unique('Grace');
    const { accountId, email } = await signedIn(stack(), { name });
    const { app, refreshToken } = await makeLoggedIn(stack());
    await visitor.get(home);
    const shown = await visitor.submit(`${home}/check`, { token: refreshToken });
    expect(shown.words).toContain(app.id);
    expect(shown.words).toMatch(/Person [0-9a-f-]{36} For/);
    const events = await visitor.get(`/admin/audit?about=${accountId}`);
    expect(events.words).toContain('account.signed_in');
    expect(events.words).not.toContain(name);
    const byAddress = await visitor.get(`/admin/audit?about=${encodeURIComponent(email)}`);
    expect(byAddress.words).toContain('There are no such events');
  });

  test('every form of the section was sent above', () => expectEveryFormSent(stack(), home));
});
