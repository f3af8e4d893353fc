import { beforeAll, expect, test } from '@jest/globals';
import { unique } from '../../support/stacks.ts';
import type { AppAuthors, Author, SpeckleApps } from './support.ts';

/** What a change of an app does to its tokens. */
export function changesTests(apps: SpeckleApps, people: AppAuthors): void {
  const {
    makeApp,
    newChallenge,
    decide,
    codeIn,
    redeem,
    refresh,
    logIn,
    introspect,
    refused,
    noCode,
    noSecret,
    noRefresh,
  } = apps;
  const { makeAuthor, graphql, input, update, remove, show, register, codeOf, notTheirs } = people;
  let author: Author;
  beforeAll(() => {
    author = people.author();
  });

  test('changing the scopes of an app revokes its tokens and codes; changing its description does not', async () => {
    const given = input({ name: unique('Drawings') });
    const app = await register(author, given);
    const { token, refreshToken, person } = await logIn(app);
    const challenge = newChallenge();
    const code = codeIn(await decide(person.visitor, app, challenge));
    const change = (changed: Record<string, unknown>) =>
      graphql(update, { app: { ...given, id: app.id, ...changed } }, author.token);
    expect((await change({ description: 'It draws.' })).data).toEqual({ appUpdate: true });
    expect((await introspect(token)).active).toBe(true);
    expect((await change({ scopes: ['streams:read', 'streams:write'] })).data).toEqual({
      appUpdate: true,
    });
    expect(await introspect(token)).toEqual({ active: false });
    expect(refused(await refresh(app, refreshToken))).toEqual([401, noRefresh]);
    expect(refused(await redeem(app, code, challenge))).toEqual([401, noCode]);
    const again = await logIn(app);
    expect((await introspect(again.token)).scope).toBe('offline_access streams:read streams:write');
    expect((await change({ redirectUrl: 'https://elsewhere.example/back' })).data).toEqual({
      appUpdate: true,
    });
    expect(await introspect(again.token)).toEqual({ active: false });
  });

  test('only the author can change or delete an app with a token of Speckle; others, administrators included, do not learn whether it exists', async () => {
    const app = await register(author);
    const others = [await makeAuthor(), await makeAuthor({ roles: ['administrator'] })];
    for (const { token } of others)
      for (const id of [app.id, 'no-such-app', (await makeApp()).id]) {
        expect(codeOf(await graphql(update, { app: { ...input(), id } }, token))).toEqual(
          notTheirs,
        );
        expect(codeOf(await graphql(remove, { id }, token))).toEqual(notTheirs);
      }
    expect((await graphql(show, { id: app.id })).data.app.id).toBe(app.id);
  });

  test('deleting an app revokes all of its tokens', async () => {
    const app = await register(author);
    const { token, refreshToken } = await logIn(app);
    expect((await graphql(remove, { id: app.id }, author.token)).data).toEqual({
      appDelete: true,
    });
    expect(await introspect(token)).toEqual({ active: false });
    expect(refused(await refresh(app, refreshToken))).toEqual([401, noSecret]);
    expect((await graphql(show, { id: app.id })).data).toEqual({ app: null });
  });
}
