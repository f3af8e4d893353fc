import { beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { logIn as logInAt } from '../../support/login.ts';
import { type Stack, unique } from '../../support/stacks.ts';
import { type AppAuthors, type Author, resource, type SpeckleApps } from './support.ts';

/** Which apps a person sees and can revoke. */
export function listsTests(stack: () => Stack, apps: SpeckleApps, people: AppAuthors): void {
  const { makeApp, newChallenge, decide, codeIn, redeem, logIn, introspect } = apps;
  const { makeAuthor, graphql, revokeAccess, register } = people;
  let author: Author;
  beforeAll(() => {
    author = people.author();
  });

  test('a person lists the apps that they authorized, and revokes one with all of its tokens', async () => {
    const app = await register(author);
    const { person, token } = await logIn(app);
    const reader = await makeApp('apps:read apps:write profile:read offline_access');
    const challenge = newChallenge();
    const code = codeIn(await decide(person.visitor, reader, challenge));
    const { body } = await redeem(reader, code, challenge);
    const listed = async () =>
      (
        await graphql(
          '{ activeUser { authorizedApps { id name author { name } } } }',
          {},
          body.token,
        )
      ).data.activeUser.authorizedApps.map(({ id }: { id: string }) => id);
    expect((await listed()).sort()).toEqual([app.id, reader.id].sort());
    expect((await graphql(revokeAccess, { id: app.id }, body.token)).data).toEqual({
      appRevokeAccess: true,
    });
    expect(await introspect(token)).toEqual({ active: false });
    expect(await listed()).toEqual([reader.id]);
    expect((await graphql(revokeAccess, { id: app.id }, body.token)).data).toEqual({
      appRevokeAccess: false,
    });
  });

  test('revoking the access of an app revokes its grants for Speckle, but not for other APIs', async () => {
    const other = `https://${unique('api')}.test`;
    await stack().api.call('POST', '/resources', {
      identifier: other,
      name: other,
      scopes: [{ name: 'read', description: 'Read' }],
    });
    const app = await makeApp(undefined, { resources: [resource, other], scope: undefined });
    const { accountId } = author;
    await logInAt(stack(), app.id, { resource, scope: 'streams:read', accountId });
    const kept = await logInAt(stack(), app.id, { resource: other, scope: 'read', accountId });
    expect((await graphql(revokeAccess, { id: app.id }, author.token)).data).toEqual({
      appRevokeAccess: true,
    });
    const live = (await stack().domain.connectedClients.list(accountId)).filter(
      ({ clientId }) => clientId === app.id,
    );
    expect(live.map(({ grantId }) => grantId)).toEqual([kept.grantId]);
  });

  test('the list of all apps contains only public ones, and authors see their own', async () => {
    const person = await makeAuthor();
    const [shown, hidden] = [await register(person, { public: true }), await register(person)];
    const all = await graphql('{ apps { id } }', {}, person.token);
    const ids = all.data.apps.map(({ id }: { id: string }) => id);
    expect([ids.includes(shown.id), ids.includes(hidden.id)]).toEqual([true, false]);
    const own = await graphql('{ activeUser { createdApps { id } } }', {}, person.token);
    expect(own.data.activeUser.createdApps.map(({ id }: { id: string }) => id)).toEqual([
      hidden.id,
      shown.id,
    ]);
  });

  test('the list of all apps has a maximum length', async () => {
    await sql`insert into client (client_id, metadata, resources, listed, created_at)
      select ${unique('many')} || n, jsonb_build_object('client_name', 'Many', 'grant_types', '["authorization_code"]'::jsonb,
        'redirect_uris', jsonb_build_array('https://many.example/back')), array[${resource}], true, now() - interval '1 year'
      from generate_series(1, 250) as n`.execute(stack().database.kysely);
    const { data } = await graphql('{ apps { id } }', {}, author.token);
    expect(data.apps).toHaveLength(200);
  });
}
