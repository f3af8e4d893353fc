import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from '@jest/globals';
import { sql } from 'kysely';
import type { Browser } from 'playwright-core';
import { mintToken, partitionFor, type TokenKind } from '../../../src/domain/tokens/value.ts';
import { answer } from '../../protocol/authorization/support.ts';
import { chromiumPath, openBrowser } from '../../support/browser.ts';
import type { Answer, Credentials } from '../../support/http.ts';
import { signedIn, type TestPerson } from '../../support/people.ts';
import { keepSecret } from '../../support/run-records.ts';
import { type Stack, unique } from '../../support/stacks.ts';
import type { Visitor } from '../../support/visitor.ts';

export const resource = 'https://speckle.systems';

/** The app's own page, on another origin, and the browser that comes back to it. */
export const website: { redirectUrl: string; browser: Browser | undefined } = {
  redirectUrl: '',
  browser: undefined,
};

/** Starts both for the tests of a file. */
export function startWebsite(): void {
  const server = http.createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(
      '<!doctype html><link rel="icon" href="data:,"><title>Back</title><h1>Back at the app</h1>',
    );
  });
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    website.redirectUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/back`;
    if (chromiumPath) website.browser = await openBrowser();
  });
  afterAll(async () => {
    await website.browser?.close();
    server.close();
    server.closeAllConnections();
  });
}

/** A person who allowed an app, and what it got. */
export interface LoggedIn {
  person: TestPerson & { visitor: Visitor };
  app: Credentials;
  challenge: string;
  code: string;
  token: string;
  refreshToken: string;
}

/** What the tests of apps do at a server with the dialect. */
export function createSpeckleApps(stack: () => Stack) {
  /** An app that an administrator registered, a confidential client. */
  const makeApp = (
    scope = 'streams:read profile:read offline_access',
    given: Record<string, unknown> = {},
  ): Promise<Credentials> =>
    stack().api.createClient({
      client_name: unique('App'),
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      rotate_refresh_tokens: true,
      refresh_token_ttl: 15_770_000,
      application_type: 'native',
      redirect_uris: [website.redirectUrl],
      resources: [resource],
      scope,
      ...given,
    });

  /** Challenges as apps send them: shorter than in PKCE, or with other characters. */
  const newChallenge = (): string => {
    const challenge = `a ${randomBytes(12).toString('base64')}!`;
    keepSecret('challenge', challenge);
    return challenge;
  };

  const verifyPath = (app: Credentials, challenge: string): string =>
    `/authn/verify/${app.id}/${encodeURIComponent(challenge)}`;

  /** From the app and back: a signed-in person decides. Returns the redirect. */
  const decide = async (
    visitor: Visitor,
    app: Credentials,
    challenge: string,
    decision: 'allow' | 'deny' = 'allow',
  ): Promise<URL> => {
    const sent = await visitor.get(verifyPath(app, challenge));
    const path = sent.location ?? '';
    // They have allowed as much before.
    if (URL.canParse(path)) return new URL(path);
    await visitor.get(path);
    const { url, page } = await answer(visitor, path, decision);
    if (!url) throw new Error(`it leads nowhere: ${page.status} ${page.words}`);
    return url;
  };

  const codeIn = (url: URL): string => url.searchParams.get('access_code') ?? '';

  const authToken = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    stack().request('POST', '/auth/token', {
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  const redeem = (
    { id: appId, secret: appSecret }: Credentials,
    accessCode: string,
    challenge: string,
  ): Promise<Answer> => authToken({ accessCode, appId, appSecret, challenge });

  const refresh = (
    { id: appId, secret: appSecret }: Credentials,
    refreshToken: string,
  ): Promise<Answer> => authToken({ refreshToken, appId, appSecret });

  const logout = (body: unknown): Promise<Answer> =>
    stack().request('POST', '/auth/logout', {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  const logIn = async (app?: Credentials): Promise<LoggedIn> => {
    const [person, asks] = await Promise.all([signedIn(stack()), app ?? makeApp()]);
    const challenge = newChallenge();
    const code = codeIn(await decide(person.visitor, asks, challenge));
    const { status, body } = await redeem(asks, code, challenge);
    if (status !== 200) throw new Error(`no tokens: ${status} ${JSON.stringify(body)}`);
    return { person, app: asks, challenge, code, ...body };
  };

  let resourceServer: Credentials;
  const introspect = async (token: string) =>
    (await stack().introspect(token, resourceServer)).body;

  /** A token of a person with any scope and any limits, which no client could get. */
  const insertToken = async (
    kind: TokenKind,
    accountId: string,
    scope: string,
    authorizationDetails?: object[],
  ): Promise<string> => {
    const client = await stack().domain.clients('writ-account');
    const now = Math.floor(Date.now() / 1000);
    const { value, id } = mintToken(kind, partitionFor(kind, now, now + 3600));
    await stack().domain.issue.insert({
      id,
      kind,
      ...(kind === 'personal_access_token' && { name: unique('token') }),
      client: client?.id ?? '',
      accountId,
      epochs: { client: client?.epoch ?? 0, app: 0, account: 0, grant: 0 },
      scope,
      audience: [resource],
      ...(authorizationDetails && { payload: { rar: authorizationDetails } }),
      issuedAt: now,
      expiresAt: now + 3600,
    });
    keepSecret(kind, value);
    return value;
  };

  /** Lets the window pass in which a lost response is repeated. */
  const letTheWindowPass = async (): Promise<void> => {
    await sql`update redemption set redeemed_at = redeemed_at - interval '31 seconds'`.execute(
      stack().database.kysely,
    );
    await sql`update token set consumed_at = consumed_at - interval '31 seconds'
      where consumed_at is not null`.execute(stack().database.kysely);
  };

  const refused = ({ status, body }: Answer) => [status, body];
  const noCode = {
    err: 'Access code not found: it was used, has expired, is of another app, or the challenge is another.',
  };
  const noSecret = { err: 'Invalid app secret. Ensure the app secret is correct.' };
  const noRefresh = {
    err: 'Invalid refresh token: it was used, has expired, was revoked, or is of another app.',
  };

  beforeAll(async () => {
    resourceServer = await stack().api.createClient({ resource_server_for: [resource] });
  });

  return {
    makeApp,
    newChallenge,
    verifyPath,
    decide,
    codeIn,
    authToken,
    redeem,
    refresh,
    logout,
    logIn,
    introspect,
    insertToken,
    letTheWindowPass,
    refused,
    noCode,
    noSecret,
    noRefresh,
  };
}

export type SpeckleApps = ReturnType<typeof createSpeckleApps>;

/** A person who registers apps. */
export interface Author extends TestPerson {
  visitor: Visitor;
  /** The token of a login with apps:read and apps:write. */
  token: string;
}

/** People who register apps, and what they ask. */
export function createAppAuthors(
  stack: () => Stack,
  { makeApp, newChallenge, codeIn, decide, redeem }: SpeckleApps,
) {
  const makeAuthor = async (given: { name?: string; roles?: string[] } = {}): Promise<Author> => {
    const app = await makeApp('apps:read apps:write profile:read streams:read offline_access');
    const person = await signedIn(stack(), given);
    const challenge = newChallenge();
    const code = codeIn(await decide(person.visitor, app, challenge));
    const { body } = await redeem(app, code, challenge);
    return { ...person, token: body.token };
  };

  const graphql = async (
    query: string,
    variables: Record<string, unknown> = {},
    token?: string,
  ) => {
    const { body } = await stack().request('POST', '/graphql', {
      headers: {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    return body;
  };

  const input = (given: Record<string, unknown> = {}) => ({
    name: unique('Drawings'),
    description: 'It draws what your streams hold.',
    redirectUrl: website.redirectUrl,
    scopes: ['streams:read'],
    ...given,
  });

  const create = 'mutation($app: AppCreateInput!) { appCreate(app: $app) }';
  const update = 'mutation($app: AppUpdateInput!) { appUpdate(app: $app) }';
  const remove = 'mutation($id: String!) { appDelete(appId: $id) }';
  const revokeAccess = 'mutation($id: String!) { appRevokeAccess(appId: $id) }';
  const show = `query($id: String!) { app(id: $id) { id secret name description
    termsAndConditionsLink logo public trustByDefault redirectUrl scopes { name description }
    author { id name avatar } createdAt } }`;

  const register = async (
    by: Author,
    given: Record<string, unknown> = {},
  ): Promise<Credentials> => {
    const { data, errors } = await graphql(create, { app: input(given) }, by.token);
    if (!data?.appCreate) throw new Error(JSON.stringify(errors));
    const id: string = data.appCreate;
    const shown = await graphql(show, { id }, by.token);
    return { id, secret: shown.data.app.secret };
  };

  const codeOf = ({
    errors: [error] = [{}],
  }: {
    errors?: { message?: string; extensions?: { code?: string } }[];
  }) => [error?.message, error?.extensions?.code];
  const notTheirs = ['You are not authorized to edit this app.', 'FORBIDDEN'];

  let first: Author;
  beforeAll(async () => {
    first = await makeAuthor({ name: 'Grace Hopper' });
  });

  return {
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
    notTheirs,
    /** One for the tests that need no other. */
    author: () => first,
  };
}

export type AppAuthors = ReturnType<typeof createAppAuthors>;
