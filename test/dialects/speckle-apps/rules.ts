import { beforeAll, expect, test } from '@jest/globals';
import { signedIn } from '../../support/people.ts';
import { type Stack, unique } from '../../support/stacks.ts';
import { type AppAuthors, type Author, resource, type SpeckleApps, website } from './support.ts';

/** Which apps cannot be registered, and what a registered app cannot do. */
export function rulesTests(stack: () => Stack, apps: SpeckleApps, people: AppAuthors): void {
  const { logIn } = apps;
  const { makeAuthor, graphql, input, create, show, register, codeOf } = people;
  let author: Author;
  beforeAll(() => {
    author = people.author();
  });

  test('a token without apps:write and an anonymous caller cannot register an app', async () => {
    const { token } = await logIn();
    for (const [asked, code] of [
      [token, 'FORBIDDEN'],
      [undefined, 'UNAUTHORIZED'],
    ] as const)
      expect(codeOf(await graphql(create, { app: input() }, asked))[1]).toBe(code);
  });

  test('unknown scopes are dropped and reported; an app without known scopes is refused', async () => {
    const some = await graphql(
      create,
      { app: input({ scopes: ['streams:read', 'streams:eat'] }) },
      author.token,
    );
    expect(some.extensions.writ).toEqual([{ dropped_scopes: ['streams:eat'] }]);
    const { data } = await graphql(show, { id: some.data.appCreate });
    expect(data.app.scopes).toHaveLength(1);
    expect(
      codeOf(await graphql(create, { app: input({ scopes: ['streams:eat'] }) }, author.token))[0],
    ).toBe('No scopes provided');
  });

  test('an app cannot have the name of another, or a redirect URL without TLS', async () => {
    const name = unique('Drawings');
    await register(author, { name });
    const other = await makeAuthor();
    expect(codeOf(await graphql(create, { app: input({ name }) }, other.token))[0]).toContain(
      'looks too similar to a name that is already in use',
    );
    const redirect = { app: input({ redirectUrl: 'http://drawings.example/' }) };
    expect(codeOf(await graphql(create, redirect, other.token))[0]).toContain('https://');
  });

  test('an error of an app that a person registered is shown on a page without a redirect', async () => {
    const app = await register(author);
    const { visitor } = await signedIn(stack());
    const page = await visitor.get(
      `/connect/authorize?${new URLSearchParams({
        client_id: app.id,
        response_type: 'code',
        redirect_uri: website.redirectUrl,
        scope: 'streams:read',
        resource,
      })}`,
    );
    expect([page.status, page.location]).toEqual([400, null]);
    expect(page.words).toContain('PKCE');
  });
}
