import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { type ApiScope, apiKeyScopes, apiScopes } from '../../config/scopes.ts';
import { addAuthenticator } from '../support/factors.ts';
import type { Answer } from '../support/http.ts';
import { logIn } from '../support/login.ts';
import { makeParties } from '../support/parties.ts';
import { type Stack, unique } from '../support/stacks.ts';

/** Things that a call can name in its path, by parameter. */
export interface Things {
  client_id: string;
  secret_id: string;
  /** An API key of the client. */
  key_id: string;
  /** An API token, and its subject. */
  id: string;
  subject_id: string;
  /** A role that is not in use. */
  name: string;
  /** A resource that is not in use. */
  identifier: string;
  account_id: string;
  grant_id: string;
  kid: string;
  app: string;
  /** A client of the app, by its name in the app. */
  client: string;
  /** A secret of that client. */
  app_secret_id: string;
  /** An API key of that client. */
  app_key_id: string;
  app_token_id: string;
  invitation_id: string;
  /** A role of the app that is not in use. */
  role: string;
  built_in_role: string;
  /** An identity provider that no account has an identity of. */
  provider_id: string;
  /** An identity of the account. */
  identity_id: string;
  issuer_id: string;
  access_id: string;
  /** A client that can exchange tokens. */
  exchanger: string;
  /** An initial access token. */
  token_id: string;
  /** A stream of the caller for the routes of receivers, else of another client. */
  stream_id: string;
  /** A bulk revocation, which matches nothing. */
  revocation_id: string;
}

/** A route of the API, with what a test needs to call it. */
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As in the document, below `/api/v1`. */
  path: string;
  /** The required scope; absent if `access` is set. */
  scope?: ApiScope;
  access?: 'self' | 'anyone';
  /** The status of a successful call. */
  success: number;
  /** A valid body; absent if the route reads none. */
  body?: (things: Things) => Record<string, unknown>;
  /** Scopes that the call grants, or that its thing requires in addition. */
  also: ApiScope[];
}

type Row = [
  Route['method'],
  string,
  ApiScope | 'self' | 'anyone',
  number,
  Route['body']?,
  Route['also']?,
];

/** Only callers with every scope change identity providers. */
const everyScope = Object.keys(apiScopes) as ApiScope[];

const named = () => ({ name: unique('name') });

/** A filter that no token fits. */
const nothing = () => ({ name: unique('nothing') });

/** Nothing listens there. */
const aProvider = () => ({
  id: unique('provider'),
  issuer: 'http://localhost:1',
  private_network: true,
  client_id: 'writ',
});

const anIssuer = () => ({
  id: unique('issuer'),
  issuer: `http://localhost:1/${unique('issuer')}`,
  private_network: true,
});

const anAccess = ({ exchanger }: Pick<Things, 'exchanger'>) => ({
  id: unique('access'),
  client: exchanger,
  audience: `https://${unique('chat')}.example`,
  client_id_there: 'f53f191f',
});

const ofStream = ({ stream_id }: Things) => ({ stream_id });

const subjectOf = ({ subject_id: id }: Things) => ({ type: 'user', id });

/** The routes of the API keys of a client. */
const keysAt = (client: string, of: 'clients' | 'apps'): Row[] => [
  ['GET', `${client}/api-keys`, `${of}:read`, 200],
  [
    'POST',
    `${client}/api-keys`,
    `${of}:write`,
    201,
    named,
    of === 'clients' ? [...apiKeyScopes] : [],
  ],
  ['GET', `${client}/api-keys/{key_id}`, `${of}:read`, 200],
  ['PATCH', `${client}/api-keys/{key_id}`, `${of}:write`, 200, named],
  [
    'POST',
    `${client}/api-keys/{key_id}/regenerate`,
    `${of}:write`,
    201,
    undefined,
    of === 'clients' ? [...apiKeyScopes] : [],
  ],
  ['DELETE', `${client}/api-keys/{key_id}`, `${of}:write`, 204],
];

const table: Row[] = [
  ['GET', '/clients', 'clients:read', 200],
  ['POST', '/clients', 'clients:write', 201, () => ({ client_id: unique('client') })],
  ['GET', '/clients/{client_id}', 'clients:read', 200],
  ['PATCH', '/clients/{client_id}', 'clients:write', 200, () => ({ client_name: 'Another' })],
  ['DELETE', '/clients/{client_id}', 'clients:write', 204],
  ['POST', '/clients/{client_id}/disable', 'clients:write', 200],
  ['POST', '/clients/{client_id}/enable', 'clients:write', 200],
  ['DELETE', '/clients/{client_id}/tokens', 'tokens:write', 204],
  ['GET', '/clients/{client_id}/secrets', 'clients:read', 200],
  ['GET', '/clients/{client_id}/refusals', 'clients:read', 200],
  ['POST', '/clients/{client_id}/secrets', 'clients:write', 201, () => ({})],
  ['DELETE', '/clients/{client_id}/secrets/{secret_id}', 'clients:write', 204],
  ...keysAt('/clients/{client_id}', 'clients'),
  ['GET', '/initial-access-tokens', 'clients:read', 200],
  ['POST', '/initial-access-tokens', 'clients:write', 201, named],
  ['DELETE', '/initial-access-tokens/{token_id}', 'clients:write', 204],
  ['GET', '/apps', 'apps:read', 200],
  ['POST', '/apps', 'apps:write', 201, () => ({ display_name: unique('App') })],
  ['GET', '/apps/{app}', 'apps:read', 200],
  ['PATCH', '/apps/{app}', 'apps:write', 200, () => ({ display_name: 'Another' })],
  ['DELETE', '/apps/{app}', 'apps:write', 204],
  ['POST', '/apps/{app}/disable', 'apps:write', 200],
  ['POST', '/apps/{app}/enable', 'apps:write', 200],
  ['GET', '/apps/{app}/audit-events', 'apps:read', 200],
  ['GET', '/apps/{app}/usage', 'apps:read', 200],
  ['GET', '/apps/{app}/initial-access-tokens', 'apps:read', 200],
  [
    'POST',
    '/apps/{app}/initial-access-tokens',
    'apps:write',
    201,
    () => ({ ...named(), role: 'Reader' }),
  ],
  ['DELETE', '/apps/{app}/initial-access-tokens/{token_id}', 'apps:write', 204],
  ['GET', '/apps/{app}/clients', 'apps:read', 200],
  [
    'POST',
    '/apps/{app}/clients',
    'apps:write',
    201,
    () => ({ name: unique('client'), role: 'Reader' }),
  ],
  ['GET', '/apps/{app}/clients/{client}', 'apps:read', 200],
  ['PATCH', '/apps/{app}/clients/{client}', 'apps:write', 200, () => ({ role: 'Editor' })],
  ['DELETE', '/apps/{app}/clients/{client}', 'apps:write', 204],
  ['POST', '/apps/{app}/clients/{client}/disable', 'apps:write', 200],
  ['POST', '/apps/{app}/clients/{client}/enable', 'apps:write', 200],
  ['GET', '/apps/{app}/clients/{client}/agent', 'apps:read', 200],
  ['GET', '/apps/{app}/clients/{client}/delegations', 'apps:read', 200],
  ['DELETE', '/apps/{app}/clients/{client}/delegations/{account_id}', 'apps:write', 204],
  ['GET', '/apps/{app}/clients/{client}/audit-events', 'apps:read', 200],
  ['GET', '/apps/{app}/clients/{client}/secrets', 'apps:read', 200],
  ['POST', '/apps/{app}/clients/{client}/secrets', 'apps:write', 201],
  ['DELETE', '/apps/{app}/clients/{client}/secrets/{secret_id}', 'apps:write', 204],
  ...keysAt('/apps/{app}/clients/{client}', 'apps'),
  ['GET', '/apps/{app}/members', 'apps:read', 200],
  ['PUT', '/apps/{app}/members/{account_id}', 'apps:write', 200, () => ({ role: 'Reader' })],
  ['GET', '/apps/{app}/members/{account_id}/credentials', 'apps:read', 200],
  ['DELETE', '/apps/{app}/members/{account_id}/credentials', 'apps:write', 204],
  ['DELETE', '/apps/{app}/members/{account_id}', 'apps:write', 204],
  ['POST', '/apps/{app}/owner', 'apps:write', 204, ({ account_id }) => ({ to: account_id })],
  ['GET', '/apps/{app}/invitations', 'apps:read', 200],
  [
    'POST',
    '/apps/{app}/invitations',
    'apps:write',
    201,
    () => ({ email: `${unique('eve')}@example.com`, role: 'Editor' }),
  ],
  ['DELETE', '/apps/{app}/invitations/{invitation_id}', 'apps:write', 204],
  ['GET', '/apps/{app}/roles', 'apps:read', 200],
  ['GET', '/apps/{app}/roles/{role}', 'apps:read', 200],
  ['PUT', '/apps/{app}/roles/{role}', 'apps:write', 200, () => ({ permissions: ['things.read'] })],
  ['DELETE', '/apps/{app}/roles/{role}', 'apps:write', 204],
  ['GET', '/app-roles', 'roles:read', 200],
  ['GET', '/app-roles/{role}', 'roles:read', 200],
  [
    'PUT',
    '/app-roles/{role}',
    'roles:write',
    200,
    // A call that changes nothing records no event.
    () => ({ description: unique('Sees'), permissions: ['*.read', '*.*.read'] }),
  ],
  ['GET', '/roles', 'roles:read', 200],
  ['GET', '/roles/{name}', 'roles:read', 200],
  ['PUT', '/roles/{name}', 'roles:write', 200, () => ({ permissions: ['things.read'] })],
  ['DELETE', '/roles/{name}', 'roles:write', 204],
  ['GET', '/resources', 'resources:read', 200],
  [
    'POST',
    '/resources',
    'resources:write',
    201,
    () => ({ identifier: `https://${unique('api')}.test` }),
  ],
  ['GET', '/resources/{identifier}', 'resources:read', 200],
  ['PATCH', '/resources/{identifier}', 'resources:write', 200, named],
  ['DELETE', '/resources/{identifier}', 'resources:write', 204],
  ['GET', '/accounts', 'accounts:read', 200],
  ['POST', '/accounts', 'accounts:write', 201, named],
  ['GET', '/accounts/{account_id}', 'accounts:read', 200],
  ['PATCH', '/accounts/{account_id}', 'accounts:write', 200, named],
  ['DELETE', '/accounts/{account_id}', 'accounts:write', 204],
  ['POST', '/accounts/{account_id}/disable', 'accounts:support', 200],
  ['POST', '/accounts/{account_id}/enable', 'accounts:support', 200],
  ['POST', '/accounts/{account_id}/approve', 'accounts:write', 200],
  ['POST', '/accounts/{account_id}/refuse', 'accounts:write', 204],
  ['DELETE', '/accounts/{account_id}/tokens', 'tokens:revoke', 204],
  ['POST', '/accounts/{account_id}/invitation', 'accounts:write', 201],
  ['GET', '/accounts/{account_id}/sessions', 'accounts:read', 200],
  ['DELETE', '/accounts/{account_id}/sessions', 'accounts:support', 204],
  ['GET', '/accounts/{account_id}/factors', 'accounts:read', 200],
  ['POST', '/accounts/{account_id}/factors/reset', 'accounts:support', 202],
  ['DELETE', '/accounts/{account_id}/factors/reset', 'accounts:support', 204],
  ['GET', '/accounts/{account_id}/grants', 'tokens:read', 200],
  ['GET', '/accounts/{account_id}/consents', 'tokens:read', 200],
  ['DELETE', '/accounts/{account_id}/consents/{client_id}', 'tokens:revoke', 204],
  ['GET', '/accounts/{account_id}/identities', 'accounts:read', 200],
  ['DELETE', '/accounts/{account_id}/identities/{identity_id}', 'accounts:write', 204],
  ['GET', '/identity-providers', 'accounts:read', 200],
  ['POST', '/identity-providers', 'accounts:write', 201, aProvider, everyScope],
  ['GET', '/identity-providers/{provider_id}', 'accounts:read', 200],
  ['PATCH', '/identity-providers/{provider_id}', 'accounts:write', 200, named, everyScope],
  ['DELETE', '/identity-providers/{provider_id}', 'accounts:write', 204, undefined, everyScope],
  ['POST', '/identity-providers/{provider_id}/check', 'accounts:read', 200],
  ['GET', '/trusted-issuers', 'clients:read', 200],
  ['POST', '/trusted-issuers', 'clients:write', 201, anIssuer, everyScope],
  ['GET', '/trusted-issuers/{issuer_id}', 'clients:read', 200],
  ['PATCH', '/trusted-issuers/{issuer_id}', 'clients:write', 200, named, everyScope],
  ['DELETE', '/trusted-issuers/{issuer_id}', 'clients:write', 204, undefined, everyScope],
  ['DELETE', '/trusted-issuers/{issuer_id}/tokens', 'clients:write', 204, undefined, everyScope],
  ['POST', '/trusted-issuers/{issuer_id}/check', 'clients:read', 200],
  ['POST', '/trusted-issuers/{issuer_id}/try', 'clients:read', 200, () => ({ token: 'a.b.c' })],
  ['GET', '/cross-app-access', 'clients:read', 200],
  ['POST', '/cross-app-access', 'clients:write', 201, anAccess, everyScope],
  ['GET', '/cross-app-access/{access_id}', 'clients:read', 200],
  [
    'PATCH',
    '/cross-app-access/{access_id}',
    'clients:write',
    200,
    () => ({ email: true }),
    everyScope,
  ],
  ['DELETE', '/cross-app-access/{access_id}', 'clients:write', 204, undefined, everyScope],
  ['DELETE', '/grants/{grant_id}', 'tokens:revoke', 204],
  ['GET', '/accounts/{account_id}/delegations', 'tokens:read', 200],
  ['DELETE', '/accounts/{account_id}/delegations/{client_id}', 'tokens:revoke', 204],
  ['GET', '/clients/{client_id}/delegations', 'tokens:read', 200],
  ['GET', '/tokens/self', 'self', 200],
  ['DELETE', '/tokens/self', 'self', 204],
  ['POST', '/tokens/leaked', 'anyone', 202, () => ({ tokens: ['something that is none'] })],
  ['GET', '/tokens', 'tokens:read', 200],
  [
    'POST',
    '/tokens',
    'tokens:write',
    201,
    (things) => ({ ...named(), subject: subjectOf(things), scope: 'things:read' }),
  ],
  ['POST', '/tokens/revoke', 'tokens:write', 200, (things) => ({ subject: subjectOf(things) })],
  ['GET', '/tokens/count', 'tokens:read', 200],
  ['GET', '/tokens/revocations', 'tokens:read', 200],
  ['POST', '/tokens/revocations', 'tokens:revoke', 202, () => ({ filter: nothing() })],
  ['GET', '/tokens/revocations/{revocation_id}', 'tokens:read', 200],
  // That of the table has ended.
  ['POST', '/tokens/revocations/{revocation_id}/stop', 'tokens:revoke', 409],
  ['POST', '/tokens/check', 'tokens:read', 200, () => ({ token: 'something that is none' })],
  ['GET', '/tokens/{id}', 'tokens:read', 200],
  ['PATCH', '/tokens/{id}', 'tokens:write', 200, named, ['clients:write']],
  // The token of the table is that of a program, and tokens:revoke alone is about those of people.
  ['DELETE', '/tokens/{id}', 'tokens:revoke', 204, undefined, ['tokens:write']],
  ['GET', '/keys', 'keys:read', 200],
  ['POST', '/keys/rotate', 'keys:write', 200, () => ({ alg: 'ES256' })],
  ['POST', '/keys/reseal', 'keys:write', 200],
  ['DELETE', '/keys/{kid}', 'keys:write', 204],
  ['GET', '/audit-events', 'audit:read', 200],
  ['GET', '/changes', 'changes:read', 200],
  ['GET', '/revocations', 'revocations:read', 200],
  ['POST', '/signals/stream', 'signals:manage', 201, () => ({})],
  ['GET', '/signals/stream', 'signals:manage', 200],
  ['PATCH', '/signals/stream', 'signals:manage', 200, ofStream],
  ['PUT', '/signals/stream', 'signals:manage', 200, ofStream],
  ['DELETE', '/signals/stream', 'signals:manage', 204],
  ['GET', '/signals/status', 'signals:manage', 200],
  [
    'POST',
    '/signals/status',
    'signals:manage',
    200,
    (things) => ({ ...ofStream(things), status: 'enabled' }),
  ],
  ['POST', '/signals/verification', 'signals:manage', 204, ofStream],
  [
    'POST',
    '/signals/streams/{stream_id}/poll',
    'signals:manage',
    200,
    () => ({ returnImmediately: true }),
  ],
  ['GET', '/signal-streams', 'clients:read', 200],
  ['DELETE', '/signal-streams/{stream_id}', 'clients:write', 204],
  ['GET', '/diagnostics', 'diagnostics:read', 200],
  ['GET', '/jobs', 'diagnostics:read', 200],
  ['GET', '/dialects', 'diagnostics:read', 200],
  ['GET', '/settings', 'diagnostics:read', 200],
  ['GET', '/mails', 'diagnostics:read', 200],
  // `refusedHere`
  ['POST', '/mails/trial', 'accounts:support', 409, () => ({})],
  ['POST', '/mails/retry', 'accounts:support', 409, () => ({})],
  ['GET', '/diagnostics/figures', 'diagnostics:read', 200],
];

/** Every route. `routes.test.ts` compares this list with the router. */
export const routes: Route[] = table.map(([method, path, opened, success, body, also = []]) => ({
  method,
  path,
  ...(opened === 'self' || opened === 'anyone' ? { access: opened } : { scope: opened }),
  success,
  ...(body && { body }),
  also,
}));

/** Routes that are refused on the servers of these tests, which have no mail server. test/web/account/mail.test.ts has one. */
export const refusedHere: readonly string[] = [
  'POST /mails/trial',
  'POST /mails/retry',
  'POST /tokens/revocations/{revocation_id}/stop',
];

/** The routes that require a scope. */
export const scoped = routes.filter(
  (route): route is Route & { scope: ApiScope } => route.scope !== undefined,
);

export const nameOf = ({ method, path }: Route): string => `${method} ${path}`;

/** New things, which a call can delete. */
export async function makeThings(stack: Stack): Promise<Things> {
  const client = await newClient(stack);
  const account = await newAccount(stack, client);
  const exchanger = await newExchanger(stack);
  return {
    ...client,
    ...(await newRole(stack)),
    ...(await newResource(stack)),
    ...account,
    ...(await newKey(stack)),
    ...(await newApp(stack, account.account_id)),
    ...(await newProvider(stack)),
    ...(await newIssuer(stack)),
    ...(await newAccess(stack, exchanger)),
    ...exchanger,
    ...(await newInitialAccessToken(stack)),
    ...(await newStream(stack, client)),
    ...(await newRevocation(stack)),
    built_in_role: 'Reader',
  };
}

/** One that has ended, so that it cannot be stopped. */
async function newRevocation({ database }: Stack) {
  const revocation_id = randomUUID();
  await sql`insert into bulk_revocation (id, filter, actor, state, ended_at)
    values (${revocation_id}, '{"name":"nothing"}', '{"kind":"client","id":"none"}', 'done', now())`.execute(
    database.kysely,
  );
  return { revocation_id };
}

async function newProvider({ api }: Stack) {
  const { body } = await api.call('POST', '/identity-providers', aProvider());
  return { provider_id: String(body.id) };
}

async function newIssuer({ api }: Stack) {
  const { body } = await api.call('POST', '/trusted-issuers', anIssuer());
  return { issuer_id: String(body.id) };
}

async function newExchanger({ api }: Stack) {
  const { id } = await api.createClient({
    client_id: unique('exchanger'),
    grant_types: ['urn:ietf:params:oauth:grant-type:token-exchange'],
  });
  return { exchanger: id };
}

async function newAccess({ api }: Stack, { exchanger }: Pick<Things, 'exchanger'>) {
  const { body } = await api.call('POST', '/cross-app-access', anAccess({ exchanger }));
  return { access_id: String(body.id) };
}

/** Written as the API does: a receiver creates streams only for itself. */
async function newStream({ database }: Stack, { client_id }: Pick<Things, 'client_id'>) {
  const stream_id = unique('stream');
  await sql`insert into signal_stream (id, client_id, position)
    select ${stream_id}, c.id, last from client c, change_counter where c.client_id = ${client_id}`.execute(
    database.kysely,
  );
  return { stream_id };
}

async function newInitialAccessToken({ api }: Stack) {
  const { body } = await api.call('POST', '/initial-access-tokens', named());
  return { token_id: String(body.id) };
}

/** A client, its credentials, a token that it gave a user of its own, and a login at it. */
async function newClient(stack: Stack) {
  const { api } = stack;
  const { client } = await makeParties(stack);
  const subject_id = unique('user');
  const token = await api.call('POST', '/tokens', {
    ...named(),
    client_id: client.id,
    subject: { type: 'user', id: subject_id },
  });
  const secrets = await api.call('GET', `/clients/${client.id}/secrets`);
  const key = await api.call('POST', `/clients/${client.id}/api-keys`, named());
  const { grantId } = await logIn(stack, client.id, { scope: 'openid offline_access' });
  return {
    client_id: client.id,
    secret_id: String(secrets.body.items[0].id),
    key_id: String(key.body.id),
    id: String(token.body.id),
    subject_id,
    grant_id: grantId,
  };
}

async function newRole({ api }: Stack) {
  const name = unique('role');
  await api.setRole(name, []);
  return { name };
}

async function newResource({ api }: Stack) {
  const identifier = `https://${unique('api')}.test`;
  await api.createResource({ identifier });
  return { identifier };
}

/** An account with a second factor, which has allowed the client something, and which the client acts for. */
async function newAccount(stack: Stack, client: { client_id: string }) {
  const email = `${unique('ada')}@example.com`;
  const { body } = await stack.api.call('POST', '/accounts', { ...named(), email });
  const account = { account_id: String(body.id) };
  await addAuthenticator(stack.database.kysely, account.account_id);
  await stack.database.kysely
    .insertInto('consent')
    .columns(['account_id', 'client_id', 'resource', 'scopes'])
    .expression((query) =>
      query
        .selectFrom('client')
        .select(({ val, cast }) => [
          cast<string>(val(account.account_id), 'uuid').as('account_id'),
          'id',
          val('').as('resource'),
          cast<string[]>(val('{openid}'), sql`text[]`).as('scopes'),
        ])
        .where('client_id', '=', client.client_id),
    )
    .execute();
  await sql`insert into delegation (account_id, client_id)
    select ${account.account_id}::uuid, id from client where client_id = ${client.client_id}`.execute(
    stack.database.kysely,
  );
  // One for all accounts: their number is limited.
  const provider_id = 'of-accounts';
  await stack.api.call('POST', '/identity-providers', { ...aProvider(), id: provider_id });
  // Of two identities one can be removed.
  const [identity] = await stack.database.kysely
    .insertInto('linked_identity')
    .values(
      ['first', 'second'].map((prefix) => ({
        provider_id,
        subject: unique(prefix),
        issuer: 'http://localhost:1',
        ...account,
        email,
        username: null,
      })),
    )
    .returning('id')
    .execute();
  return { ...account, identity_id: String(identity?.id) };
}

const newKey = async (stack: Stack) => ({ kid: await announcedKey(stack) });

const shared = new WeakMap<Stack, Promise<Things>>();

/** The shared things of a stack, which no test deletes: for calls that read or change them, or are refused. */
export function sharedThings(stack: Stack): Promise<Things> {
  const known = shared.get(stack);
  if (known) return known;
  const things = makeThings(stack);
  shared.set(stack, things);
  // The next call tries again; its failure is independent.
  things.catch(() => shared.delete(stack));
  return things;
}

/**
 * Whether a call leaves its things, or the installation, unusable for other calls. A client of an app has at most two
 * secrets: once one is added, the next call would be refused.
 */
const endsThings = ({ method, path }: Route): boolean =>
  method === 'DELETE' ||
  /\/(disable|enable|approve|refuse|regenerate|revoke|reset|rotate|reseal|owner)$/.test(path) ||
  (method === 'POST' && path === '/apps/{app}/clients/{client}/secrets');

/** The things that a call deletes, by the beginning of its path: only these are created anew. */
const makers: [string, (stack: Stack, things: Things) => Promise<Partial<Things>>][] = [
  ['/apps/', (stack, { account_id }) => newApp(stack, account_id)],
  ['/roles/', newRole],
  ['/identity-providers/', newProvider],
  ['/trusted-issuers/', newIssuer],
  ['/cross-app-access/', newAccess],
  ['/initial-access-tokens/', newInitialAccessToken],
  ['/signal-streams/', newStream],
  ['/resources/', newResource],
  ['/accounts/', newAccount],
  ['/keys/', newKey],
  ['/', newClient],
];

/** Things for one call of a route: those that it deletes are new. */
export async function thingsFor(stack: Stack, route: Route): Promise<Things> {
  const things = await sharedThings(stack);
  if (!endsThings(route)) return things;
  const [, make] = makers.find(([start]) => route.path.startsWith(start)) ?? [];
  const made = { ...things, ...(await make?.(stack, things)) };
  // What can be cancelled must be planned.
  if (route.method === 'DELETE' && route.path.endsWith('/factors/reset'))
    await stack.api.call('POST', pathOf(route, made));
  if (/\/(approve|refuse)$/.test(route.path))
    await sql`update account set approval_requested_at = now(), disabled_at = now()
      where id = ${made.account_id}::uuid`.execute(stack.database.kysely);
  return made;
}

/** An app of another person, of which the account is a member. */
async function newApp({ api, database }: Stack, accountId: string) {
  const owner = await api.call('POST', '/accounts', named());
  const made = await api.call('POST', '/apps', {
    display_name: unique('App'),
    owner: owner.body.id,
  });
  const app = String(made.body.name);
  await api.call('PUT', `/apps/${app}/members/${accountId}`, { role: 'Editor' });
  await sql`insert into delegation (account_id, client_id)
    select ${accountId}::uuid, id from client where client_id = ${`${app}:default`}`.execute(
    database.kysely,
  );
  const secrets = await api.call('GET', `/apps/${app}/clients/default/secrets`);
  const key = await api.call('POST', `/apps/${app}/clients/default/api-keys`, named());
  const email = `${unique('eve')}@example.com`;
  const invitation = await api.call('POST', `/apps/${app}/invitations`, { email, role: 'Editor' });
  const initial = await api.call('POST', `/apps/${app}/initial-access-tokens`, {
    ...named(),
    role: 'Reader',
  });
  const role = unique('role');
  await api.call('PUT', `/apps/${app}/roles/${role}`, { permissions: [] });
  return {
    app,
    client: String(made.body.client.name),
    app_secret_id: String(secrets.body.items[0].id),
    app_key_id: String(key.body.id),
    invitation_id: String(invitation.body.id),
    app_token_id: String(initial.body.id),
    role,
  };
}

/** The name of a parameter among the things: below an app, some parameters have other names. */
function thingOf(path: string, name: string): keyof Things {
  if (path.startsWith('/app-roles/')) return 'built_in_role';
  const isOfApp = path.startsWith('/apps/') && ['secret_id', 'key_id', 'token_id'].includes(name);
  return (isOfApp ? `app_${name}` : name) as keyof Things;
}

/** An announced key that is old enough for verifiers to know it. */
async function announcedKey({ api, database }: Stack): Promise<string> {
  const find = async () => {
    const { body } = await api.call('GET', '/keys');
    return body.items.find(
      ({ alg, state }: { alg: string; state: string }) => alg === 'ES256' && state === 'announced',
    )?.kid;
  };
  if (!(await find())) await api.call('POST', '/keys/rotate', { alg: 'ES256' });
  await sql`update signing_key set created_at = now() - interval '1 day'
    where state = 'announced'`.execute(database.kysely);
  return find();
}

/** The path with its parameters filled in. */
export const pathOf = ({ path }: Pick<Route, 'path'>, things: Things): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(things[thingOf(path, name)]),
  );

/** The clients of the tokens that `newTokenWith` issued. */
const clientsOfTokens = new Map<string, string>();

/** The things with a stream of the caller. */
async function withOwnStream(
  stack: Stack,
  things: Things,
  { token, isDeleted }: { token: string; isDeleted: boolean },
): Promise<Things> {
  const client_id = clientsOfTokens.get(token);
  // A test that names a thing that does not exist gets none.
  if (client_id === undefined || !things.stream_id.startsWith('stream-')) return things;
  const known = ownStreams.get(token);
  if (known && !isDeleted) return { ...things, ...known };
  const made = await newStream(stack, { client_id });
  if (!isDeleted) ownStreams.set(token, made);
  return { ...things, ...made };
}

const ownStreams = new Map<string, Pick<Things, 'stream_id'>>();

/** Calls a route with valid input and the token. */
export async function call(
  stack: Stack,
  route: Route,
  given: Things,
  headers: Record<string, string>,
): Promise<Answer> {
  const isOfReceivers = route.path.startsWith('/signals/');
  const token = headers['authorization']?.replace('Bearer ', '') ?? '';
  const things = isOfReceivers
    ? await withOwnStream(stack, given, { token, isDeleted: route.method === 'DELETE' })
    : given;
  const query =
    isOfReceivers && !route.body && !route.path.includes('{')
      ? `?stream_id=${encodeURIComponent(things.stream_id)}`
      : '';
  return stack.request(route.method, `/api/v1${pathOf(route, things)}${query}`, {
    headers: { ...headers, ...(route.body && { 'content-type': 'application/json' }) },
    ...(route.body && { body: JSON.stringify(route.body(things)) }),
  });
}

const tokens = new WeakMap<Stack, Map<string, Promise<string>>>();

/** The shared access token of a stack with exactly these scopes, for callers that do not revoke it. */
export function tokenWith(stack: Stack, scopes: readonly string[]): Promise<string> {
  const ofStack = tokens.get(stack) ?? new Map<string, Promise<string>>();
  tokens.set(stack, ofStack);
  const name = scopes.toSorted().join(' ');
  const token = ofStack.get(name) ?? newTokenWith(stack, scopes);
  ofStack.set(name, token);
  return token;
}

/**
 * A new access token for the API with exactly these scopes, of a new client, which can have other scopes for an API of
 * its own.
 */
export async function newTokenWith(stack: Stack, scopes: readonly string[]): Promise<string> {
  const scope = scopes.join(' ');
  const things = `https://${unique('api')}.test`;
  await stack.api.createResource({ identifier: things, scopes: [{ name: 'things:read' }] });
  const client = await stack.api.createClient({
    resources: [stack.apiResource, things],
    scope: `${scope} things:read`,
    resource_server_for: [things],
  });
  const { body, text } = await stack.token(client, { scope, resource: stack.apiResource });
  if (!body.access_token) throw new Error(`no token was issued: ${text}`);
  clientsOfTokens.set(body.access_token, client.id);
  return body.access_token;
}

/** The token for a call of a route: a new one if the call revokes it. */
export const tokenFor = async (stack: Stack, route: Route, token: string): Promise<string> =>
  route.access === 'self' ? newTokenWith(stack, ['changes:read']) : token;
