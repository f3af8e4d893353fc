import { beforeAll, expect, test } from '@jest/globals';
import { sha256 } from '../../../src/crypto/digest.ts';
import { answer, ask } from '../../protocol/authorization/support.ts';
import { ephemeralOf } from '../../protocol/device/support.ts';
import { signedIn } from '../../support/people.ts';
import type { Stack } from '../../support/stacks.ts';
import { type AppAuthors, type Author, type SpeckleApps, website } from './support.ts';

/** People who register apps. */
export function registrationTests(stack: () => Stack, apps: SpeckleApps, people: AppAuthors): void {
  const { newChallenge, verifyPath, codeIn, redeem, refresh, introspect, insertToken } = apps;
  const {
    makeAuthor,
    graphql,
    input,
    create,
    update,
    remove,
    revokeAccess,
    show,
    register,
    codeOf,
  } = people;
  let author: Author;
  beforeAll(() => {
    author = people.author();
  });

  test('a person registers an app and reads its secret; others approve it and see its author', async () => {
    const app = await register(author, {
      public: true,
      termsAndConditionsLink: 'https://drawings.example/terms',
      scopes: ['streams:read', 'profile:read'],
    });
    const { data } = await graphql(show, { id: app.id }, author.token);
    expect(data.app).toMatchObject({
      id: app.id,
      description: 'It draws what your streams hold.',
      termsAndConditionsLink: 'https://drawings.example/terms',
      public: true,
      trustByDefault: false,
      redirectUrl: website.redirectUrl,
      author: { id: author.accountId, name: 'Grace Hopper', avatar: null },
    });
    expect(data.app.scopes.map(({ name }: { name: string }) => name)).toEqual([
      'streams:read',
      'profile:read',
    ]);
    const other = await signedIn(stack());
    const challenge = newChallenge();
    const page = await ask(other.visitor, { path: verifyPath(app, challenge) });
    for (const words of ['Grace Hopper', 'drawings.example', 'Read your streams'])
      expect(page.words).toContain(words);
    const { url } = await answer(other.visitor, page.path);
    const redeemed = await redeem(app, codeIn(url as URL), challenge);
    expect(Object.keys(redeemed.body)).toEqual(['token', 'refreshToken']);
    expect(await introspect(redeemed.body.token)).toMatchObject({ sub: other.accountId });
    const refreshed = await refresh(app, redeemed.body.refreshToken);
    expect(refreshed.body.refreshToken).not.toBe(redeemed.body.refreshToken);
  });

  test('the secret of an app is shown only to its author, and only for a short time', async () => {
    const app = await register(author);
    const secretFor = async (token?: string) =>
      (await graphql(show, { id: app.id }, token)).data.app.secret;
    const hidden = 'App secrets are only revealed to their author 😉';
    expect(await secretFor()).toBe(hidden);
    expect(await secretFor((await makeAuthor()).token)).toBe(hidden);
    expect(await secretFor(author.token)).toBe(app.secret);
    const project = [{ type: 'project', identifier: 'p' }];
    for (const [kind, scope, details] of [
      ['access_token', 'apps:read streams:read'],
      ['access_token', 'apps:read apps:write', project],
      ['personal_access_token', 'apps:read apps:write'],
    ] as const) {
      const token = await insertToken(kind, author.accountId, scope, details && [...details]);
      expect(await secretFor(token)).toBe(hidden);
    }
    const id = sha256(JSON.stringify([author.accountId, app.id]));
    await ephemeralOf(stack()).delete('NewSecret', id);
    expect(await secretFor(author.token)).toBe(
      'App secrets are only revealed in the first ten minutes after the app was created.',
    );
  });

  test('an embed token, which is public, cannot read apps', async () => {
    const app = await register(author);
    const embed = await insertToken('personal_access_token', author.accountId, 'streams:read', [
      { type: 'project', identifier: 'p', datatypes: ['m'], privileges: ['embed'] },
    ]);
    const ask = async (query: string) =>
      (
        await stack().request('POST', `/graphql?embedToken=${embed}`, {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query }),
        })
      ).body;
    const reads = await ask(`{ app(id: "${app.id}") { id secret author { id } } }`);
    expect([reads.data, codeOf(reads)[1]]).toEqual([{ app: null }, 'FORBIDDEN']);
    expect((await ask('{ project(id: "p") { id } serverInfo { name } }')).errors).toBe(undefined);
  });

  test('anonymous callers see of an app what the consent page shows, without its author and full redirect URL', async () => {
    const app = await register(author);
    const { data } = await graphql(show, { id: app.id });
    expect(data.app).toMatchObject({
      id: app.id,
      author: null,
      redirectUrl: new URL(website.redirectUrl).origin,
      scopes: [{ name: 'streams:read' }],
    });
  });

  test('a personal access token cannot register, change or delete apps, but can revoke their access', async () => {
    const given = input();
    const app = await register(author, given);
    const value = await insertToken(
      'personal_access_token',
      author.accountId,
      'apps:read apps:write',
    );
    const refusals = [
      await graphql(create, { app: input() }, value),
      await graphql(update, { app: { ...given, id: app.id } }, value),
      await graphql(remove, { id: app.id }, value),
    ];
    for (const refusal of refusals)
      expect(codeOf(refusal)).toEqual([
        'Only the token of a login can register or change apps.',
        'FORBIDDEN',
      ]);
    expect((await graphql(revokeAccess, { id: app.id }, value)).data).toEqual({
      appRevokeAccess: false,
    });
  });

  test('a token that is limited to a project cannot access apps, or tokens outside of the project', async () => {
    const value = await insertToken(
      'access_token',
      author.accountId,
      'profile:read streams:read apps:read apps:write tokens:read tokens:write',
      [{ type: 'project', identifier: 'p' }],
    );
    const embeds = (id: string) => `{ project(id: "${id}") { embedTokens { totalCount } } }`;
    const endEmbeds = (id: string) =>
      `mutation { projectMutations { revokeEmbedTokens(projectId: "${id}") } }`;
    for (const query of [
      '{ activeUser { apiTokens { id } } }',
      '{ activeUser { createdApps { id } } }',
      '{ activeUser { authorizedApps { id } } }',
      'mutation { apiTokenRevoke(token: "0000000000") }',
      'mutation { appDelete(appId: "any") }',
      'mutation { appRevokeAccess(appId: "any") }',
      embeds('q'),
      endEmbeds('q'),
    ]) {
      const [message, code] = codeOf(await graphql(query, {}, value));
      expect([message, code]).toEqual([
        expect.stringContaining('Your auth token is limited to'),
        'FORBIDDEN',
      ]);
    }
    for (const query of [embeds('p'), endEmbeds('p')])
      expect((await graphql(query, {}, value)).errors).toBe(undefined);
  });
}
