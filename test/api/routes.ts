import type { ApiScope } from '../../config/scopes.ts';
import type { Answer } from '../support/http.ts';
import { makeParties } from '../support/parties.ts';
import { type Stack, unique } from '../support/stacks.ts';

/** Things that a call can name in its path. */
export interface Things {
  clientId: string;
  secretId: string;
  tokenId: string;
}

/** A route of the API, and what a test has to know to call it. */
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As the router has it. */
  path: string;
  scope: ApiScope;
  /** What a call that succeeds is answered. */
  success: number;
  /** A body that it takes; absent where it reads none. */
  body?: () => Record<string, unknown>;
}

/** Every route. `routes.test.ts` holds this list and the router's together. */
export const routes: Route[] = [
  {
    method: 'GET',
    path: '/clients',
    scope: 'clients:read',
    success: 200,
  },
  {
    method: 'POST',
    path: '/clients',
    scope: 'clients:write',
    success: 201,
    body: () => ({ client_id: unique('client') }),
  },
  { method: 'GET', path: '/clients/:clientId', scope: 'clients:read', success: 200 },
  { method: 'POST', path: '/clients/:clientId/disable', scope: 'clients:write', success: 200 },
  { method: 'POST', path: '/clients/:clientId/enable', scope: 'clients:write', success: 200 },
  { method: 'DELETE', path: '/clients/:clientId', scope: 'clients:write', success: 204 },
  {
    method: 'POST',
    path: '/clients/:clientId/secrets',
    scope: 'clients:write',
    success: 201,
    body: () => ({}),
  },
  { method: 'GET', path: '/clients/:clientId/secrets', scope: 'clients:read', success: 200 },
  {
    method: 'DELETE',
    path: '/clients/:clientId/secrets/:secretId',
    scope: 'clients:write',
    success: 204,
  },
  { method: 'GET', path: '/roles', scope: 'roles:read', success: 200 },
  {
    method: 'PUT',
    path: '/roles/:name',
    scope: 'roles:write',
    success: 200,
    body: () => ({ permissions: ['things.read'] }),
  },
  { method: 'GET', path: '/resources', scope: 'resources:read', success: 200 },
  {
    method: 'POST',
    path: '/resources',
    scope: 'resources:write',
    success: 201,
    body: () => ({ identifier: `https://${unique('api')}.test` }),
  },
  { method: 'GET', path: '/tokens/:id', scope: 'tokens:read', success: 200 },
  { method: 'DELETE', path: '/tokens/:id', scope: 'tokens:write', success: 204 },
  {
    method: 'GET',
    path: '/changes',
    scope: 'changes:read',
    success: 200,
  },
];

export const nameOf = ({ method, path }: Route): string => `${method} ${path}`;

/** New things, so that a call may end them. */
export async function makeThings(stack: Stack): Promise<Things> {
  const { client, issue } = await makeParties(stack);
  const { body } = await stack.introspect(await issue(), client);
  const secrets = await stack.api.call('GET', `/clients/${client.id}/secrets`);
  return { clientId: client.id, secretId: secrets.body.items[0].id, tokenId: body.jti };
}

/** The path with things in place of its parameters; what it makes gets a new name. */
export const pathOf = ({ path }: Route, { clientId, secretId, tokenId }: Things): string =>
  path
    .replace(':clientId', encodeURIComponent(clientId))
    .replace(':secretId', encodeURIComponent(secretId))
    .replace(':id', encodeURIComponent(tokenId))
    .replace(':name', unique('role'));

/** Calls a route with what it takes, as whoever holds the token. */
export function call(
  stack: Stack,
  route: Route,
  things: Things,
  headers: Record<string, string>,
): Promise<Answer> {
  return stack.request(route.method, `/api/v1${pathOf(route, things)}`, {
    headers: { ...headers, ...(route.body && { 'content-type': 'application/json' }) },
    ...(route.body && { body: JSON.stringify(route.body()) }),
  });
}

/** An access token for the API with exactly these scopes. */
export async function tokenWith(stack: Stack, scopes: readonly string[]): Promise<string> {
  const scope = scopes.join(' ');
  const client = await stack.api.createClient({ resources: [stack.apiResource], scope });
  const { body, text } = await stack.token(client, { scope, resource: stack.apiResource });
  if (!body.access_token) throw new Error(`no token was issued: ${text}`);
  return body.access_token;
}
