import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Answer, Credentials } from '../../support/http.ts';
import { makeParties } from '../../support/parties.ts';
import { keepSecret } from '../../support/run-records.ts';
import { type Stack, unique } from '../../support/stacks.ts';
import type { Page, Visitor } from '../../support/visitor.ts';

/** What an app starts a login with (RFC 6749 §4.1.1, RFC 7636 §4.3), and what it needs to complete it. */
export interface Begun {
  /** The URL that it sends the browser to. */
  path: string;
  state: string;
  verifier: string;
}

export interface LoginClient {
  client: Credentials;
  /** The name that people read. */
  name: string;
  redirectUri: string;
  resource: string;
  resourceServer: Credentials;
  /** An authorization request with the usual parameters, changed by those of a test; null omits one. */
  begin: (changed?: Record<string, string | null>) => Begun;
  /** Redeems the code of the response. */
  redeem: (begun: Begun, answer: URL, changed?: Record<string, string>) => Promise<Answer>;
  /** The introspection of a token by its API. */
  introspect: (token: string) => Promise<Answer>;
}

/** The three kinds of apps that people log in to with a browser. */
export const kinds = {
  server: {},
  website: { token_endpoint_auth_method: 'none', redirect_uris: ['https://spa.test/back'] },
  phone: {
    token_endpoint_auth_method: 'none',
    application_type: 'native',
    redirect_uris: ['com.example.app:/back'],
  },
} as const;

/** An app that logs people in, for an API of its own. */
export async function makeLoginClient(
  stack: Stack,
  kind: keyof typeof kinds = 'website',
  metadata: Record<string, unknown> = {},
): Promise<LoginClient> {
  const { resource, resourceServer } = await makeParties(stack);
  await stack.domain.resources.update(resource, {
    scopes: [
      { name: 'things:read', description: 'See your things' },
      { name: 'things:write', description: 'Create, change and delete your things' },
    ],
  });
  const name = unique('App');
  const given = {
    client_name: name,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: ['https://website.test/back'],
    resources: [resource],
    ...kinds[kind],
    ...metadata,
  };
  const client = await stack.api.createClient(given);
  return loginClientOf(stack, {
    client,
    name,
    resource,
    resourceServer,
    redirectUri: String(given.redirect_uris[0]),
  });
}

/** Wraps an existing client as an app. */
export function loginClientOf(
  stack: Stack,
  app: Pick<LoginClient, 'client' | 'name' | 'resource' | 'resourceServer' | 'redirectUri'>,
): LoginClient {
  const { client, redirectUri, resourceServer } = app;
  return {
    ...app,
    begin(changed = {}) {
      const verifier = randomBytes(32).toString('base64url');
      const state = unique('state');
      keepSecret('code_verifier', verifier);
      const query = new URLSearchParams({
        client_id: client.id,
        response_type: 'code',
        redirect_uri: redirectUri,
        scope: 'openid things:read',
        state,
        code_challenge: challengeOf(verifier),
        code_challenge_method: 'S256',
      });
      for (const [parameter, value] of Object.entries(changed))
        if (value === null) query.delete(parameter);
        else query.set(parameter, value);
      return { path: `/connect/authorize?${query}`, state, verifier };
    },
    redeem: ({ verifier }, answer, changed = {}) => {
      const form = {
        grant_type: 'authorization_code',
        code: answer.searchParams.get('code') ?? '',
        redirect_uri: redirectUri,
        code_verifier: verifier,
        ...changed,
      };
      return client.secret
        ? stack.post('/connect/token', form, client)
        : stack.post('/connect/token', { client_id: client.id, ...form });
    },
    introspect: (token) => stack.introspect(token, resourceServer),
  };
}

export const challengeOf = (verifier: string): string =>
  createHash('sha256').update(verifier).digest('base64url');

/** Goes where an app sends the browser; returns the consent page and its URL. */
export async function ask(
  visitor: Visitor,
  { path }: Pick<Begun, 'path'>,
): Promise<Page & { path: string }> {
  const sent = await visitor.get(path);
  const location = sent.location ?? '';
  if (!location.startsWith('/consent/'))
    throw new Error(`nothing was asked: ${sent.status} ${location} ${sent.words}`);
  return { ...(await visitor.get(location)), path: location };
}

/** Submits a decision, and follows its redirect: out of this server, or to a page of it. */
export async function answer(
  visitor: Visitor,
  path: string,
  decision: 'allow' | 'deny' = 'allow',
  fields: Record<string, string> = {},
): Promise<{ url: URL | undefined; page: Page }> {
  let page = await visitor.submit(path, { decision, ...fields });
  for (let hops = 0; page.location?.startsWith('/') && hops < 5; hops++)
    page = await visitor.get(page.location);
  return { url: page.location ? new URL(page.location) : undefined, page };
}

/** From the app to the app without a page. */
export async function silently(visitor: Visitor, { path }: Pick<Begun, 'path'>): Promise<URL> {
  const { status, location, words } = await visitor.get(path);
  if (!URL.canParse(location ?? ''))
    throw new Error(`a page was shown: ${status} ${location} ${words}`);
  return new URL(location ?? '');
}

/** From the app to the app: a signed-in person allows it, unless they have allowed as much before. */
export async function allow(visitor: Visitor, begun: Pick<Begun, 'path'>): Promise<URL> {
  const sent = await visitor.get(begun.path);
  if (URL.canParse(sent.location ?? '')) return new URL(sent.location ?? '');
  const path = sent.location ?? '';
  if (!path.startsWith('/consent/'))
    throw new Error(`nothing was asked: ${sent.status} ${path} ${sent.words}`);
  await visitor.get(path);
  const { url, page } = await answer(visitor, path);
  if (!url?.searchParams.has('code'))
    throw new Error(`no code came: ${page.status} ${page.location} ${page.words}`);
  return url;
}

/** A client that a person created in their own app, for an API that is open to apps. */
export async function makeAppClient(
  stack: Stack,
  kind: 'website' | 'native',
  redirectUri: string,
): Promise<LoginClient & { app: string }> {
  const { resource, resourceServer } = await makeParties(stack);
  await stack.domain.resources.update(resource, {
    appPolicy: { token_formats: ['opaque', 'jwt'], longest_access_token_ttl: 3600 },
  });
  const { apps, appClients } = stack.domain;
  const { app } = await apps.create(
    { kind: 'operator' },
    { displayName: 'Acme', name: unique('acme') },
  );
  const name = unique('App');
  const { client, secret = '' } = await appClients.create({ kind: 'operator' }, app.name, {
    name: 'website',
    displayName: name,
    kind,
    role: 'Owner',
    redirectUris: [redirectUri],
  });
  const made = {
    client: { id: client.clientId, secret },
    name,
    resource,
    resourceServer,
    redirectUri,
  };
  return { ...loginClientOf(stack, made), app: app.name };
}

/** Moves decisions into the past. */
export const letTimePass = ({ database }: Stack, seconds: number) =>
  sql`update consent_decision set decided_at = decided_at - ${seconds} * interval '1 second'`.execute(
    database.kysely,
  );
