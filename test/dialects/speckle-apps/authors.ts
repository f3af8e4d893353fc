import { beforeAll, expect, test } from '@jest/globals';
import type { Stack } from '../../support/stacks.ts';
import type { AppAuthors, Author, SpeckleApps } from './support.ts';

/** The author of an app, and administrators. */
export function authorsTests(stack: () => Stack, apps: SpeckleApps, people: AppAuthors): void {
  const {
    newChallenge,
    verifyPath,
    decide,
    codeIn,
    redeem,
    refresh,
    logIn,
    introspect,
    refused,
    noCode,
    noSecret,
  } = apps;
  const { makeAuthor, graphql, input, update, remove, show, register, codeOf, notTheirs } = people;
  let author: Author;
  beforeAll(() => {
    author = people.author();
  });

  test('deleting an account deletes its apps and revokes their tokens', async () => {
    const person = await makeAuthor();
    const app = await register(person);
    const { token } = await logIn(app);
    const { status } = await stack().api.call('DELETE', `/accounts/${person.accountId}`);
    expect(status).toBe(204);
    expect(await introspect(token)).toEqual({ active: false });
    expect((await graphql(show, { id: app.id })).data).toEqual({ app: null });
  });

  test('an app that a person registered cannot approve other apps, whatever its scopes', async () => {
    const scopes = ['streams:read', 'tokens:write'];
    const [first, second] = [await register(author, { scopes }), await register(author)];
    const { token, person } = await logIn(first);
    const query = new URLSearchParams({ appId: second.id, challenge: 'c', token });
    expect(refused(await stack().get(`/auth/accesscode?${query}`))).toEqual([
      400,
      'An app that a person registered cannot approve other apps.',
    ]);
    const connected = await stack().domain.connectedClients.list(person.accountId);
    expect(connected.map(({ clientId }) => clientId)).toEqual([first.id]);
  });

  test('the apps of a person are disabled with the account, and enabled with it unless an administrator disabled them', async () => {
    const person = await makeAuthor();
    const [app, other] = [await register(person), await register(person)];
    const { token, refreshToken, person: user } = await logIn(app);
    const challenge = newChallenge();
    const code = codeIn(await decide(user.visitor, app, challenge));
    const call = async (path: string) => {
      const { status } = await stack().api.call('POST', path);
      expect([path, status < 300]).toEqual([path, true]);
    };
    await call(`/clients/${other.id}/disable`);
    await call(`/accounts/${person.accountId}/disable`);
    expect(await introspect(token)).toEqual({ active: false });
    expect(refused(await refresh(app, refreshToken))).toEqual([401, noSecret]);
    expect(refused(await redeem(app, code, challenge))).toEqual([401, noSecret]);
    expect((await user.visitor.get(verifyPath(app, newChallenge()))).status).toBe(400);
    expect((await graphql(show, { id: app.id })).data).toEqual({ app: null });
    await call(`/accounts/${person.accountId}/enable`);
    expect(await introspect(token)).toEqual({ active: false });
    expect(refused(await redeem(app, code, challenge))).toEqual([401, noCode]);
    expect((await introspect((await logIn(app)).token)).active).toBe(true);
    expect((await graphql(show, { id: other.id })).data).toEqual({ app: null });
  });

  test('an author cannot undo the changes of an administrator, but can delete the app', async () => {
    const given = input({ scopes: ['streams:read', 'streams:write'] });
    const app = await register(author, given);
    const change = () =>
      graphql(update, { app: { ...given, id: app.id, description: 'It draws.' } }, author.token);
    expect((await change()).data).toEqual({ appUpdate: true });
    const path = `/clients/${app.id}`;
    expect((await stack().api.call('GET', path)).body.taken_over_at).toBeNull();
    const limited = await stack().api.call('PATCH', path, {
      scope: 'streams:read offline_access',
    });
    expect([limited.status, typeof limited.body.taken_over_at]).toEqual([200, 'string']);
    expect(codeOf(await change())).toEqual(notTheirs);
    expect((await stack().api.call('GET', path)).body.scope).toBe('streams:read offline_access');
    expect((await graphql(remove, { id: app.id }, author.token)).data).toEqual({
      appDelete: true,
    });
  });

  test('administrators see the author of an app, and can disable it like any client', async () => {
    const app = await register(author);
    const { token } = await logIn(app);
    const shown = await stack().api.call('GET', `/clients/${app.id}`);
    expect([shown.status, shown.body.author_id]).toEqual([200, author.accountId]);
    expect((await stack().api.call('POST', `/clients/${app.id}/disable`)).status).toBeLessThan(300);
    expect(await introspect(token)).toEqual({ active: false });
  });
}
