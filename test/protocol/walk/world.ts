// The things that a walk is about: two APIs, clients of several kinds, an app, two people, and all tokens ever issued.
import { isDeepStrictEqual } from 'node:util';
import { jest } from '@jest/globals';
import Koa from 'koa';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { grantTypes } from '../../../src/oauth/grant-types.ts';
import { basicHeader } from '../../../src/protocol/client-authentication.ts';
import { makeApp } from '../../support/apps.ts';
import { type Form, post } from '../../support/form-post.ts';
import type { Credentials } from '../../support/http.ts';
import { openApi } from '../../support/open-api.ts';
import { type Stack, unique } from '../../support/stacks.ts';
import {
  isActive,
  type ModelAccount,
  type ModelApp,
  type ModelClient,
  type ModelGrant,
  type ModelToken,
  shownOf,
  stateOf,
} from './model.ts';

export interface World {
  stack: Stack;
  opaqueApi: string;
  jwtApi: string;
  resourceServer: Credentials;
  /** The permissions of roles outside of the app. */
  roles: Map<string, string[]>;
  clients: ModelClient[];
  accounts: ModelAccount[];
  app: ModelApp;
  grants: ModelGrant[];
  tokens: ModelToken[];
  /** What was done, in words. */
  trace: string[];
}

export const scopes = ['things:read', 'things:write'];

/** Permissions that a role can have: none contains another one. */
export const permissionSets = [
  [],
  ['things.read'],
  ['things.write'],
  ['things.read', 'things.write'],
];

/** Sends a form as a client, on the path before Koa or past it. */
export async function send(
  { stack }: World,
  path: string,
  form: Record<string, string>,
  { id, secret }: Credentials,
  isSlow: boolean,
) {
  const whole: Form = secret ? form : { client_id: id, ...form };
  const headers: Record<string, string> = secret
    ? { authorization: basicHeader({ clientId: id, secret }) }
    : {};
  return post(`${stack.origin}${path}`, whole, headers, { isChunked: isSlow });
}

export async function makeWorld(stack: Stack): Promise<World> {
  const { api, domain } = stack;
  const [opaqueApi, jwtApi] = [
    await openApi({ domain }, { personalPolicy: { longest_ttl: null } }),
    await openApi({ domain }, { tokenFormat: 'jwt' }),
  ];
  const resources = [opaqueApi, jwtApi];
  const roles = new Map([
    [unique('role-a'), ['things.read']],
    [unique('role-b'), ['things.write']],
  ]);
  for (const [name, permissions] of roles) await api.setRole(name, permissions);
  const [role = ''] = roles.keys();

  const refreshing = {
    grant_types: [grantTypes.refreshToken, grantTypes.authorizationCode],
    redirect_uris: ['https://app.test/cb'],
    response_types: ['code'],
  };
  const create = async (
    label: string,
    kind: ModelClient['kind'],
    given: Record<string, unknown>,
  ): Promise<ModelClient> => {
    const isPublic = given['token_endpoint_auth_method'] === 'none';
    return {
      ...(await api.createClient({ resources, roles: [role], ...given })),
      label,
      kind,
      state: 'enabled',
      roles: [role],
      isPublic,
      rotates: isPublic || given['rotate_refresh_tokens'] === true,
    };
  };
  const acme = await makeApp({ domain });
  const app: ModelApp = {
    name: acme.name,
    state: 'enabled',
    roles: new Map([
      ['One', ['things.read']],
      ['Other', ['things.write']],
    ]),
  };
  for (const [name, permissions] of app.roles)
    await domain.appRoles.set(acme.actor, acme.name, { name, permissions });
  const ofApp = async (
    label: string,
    kind: 'server' | 'device',
    appRole: string,
  ): Promise<ModelClient> => ({
    ...(await acme.addClient({ kind, role: appRole })),
    label,
    kind: kind === 'server' ? 'machine' : 'device',
    state: 'enabled',
    roles: [appRole],
    app,
    isPublic: kind === 'device',
    rotates: kind === 'device',
  });
  const clients = [
    await create('machine', 'machine', {}),
    await create('site', 'login', refreshing),
    await create('rotating site', 'login', { ...refreshing, rotate_refresh_tokens: true }),
    await create('device', 'device', {
      token_endpoint_auth_method: 'none',
      grant_types: [grantTypes.deviceCode, grantTypes.refreshToken],
      enforce_polling_interval: false,
    }),
    await ofApp('machine of the app', 'server', 'One'),
    await ofApp('device of the app', 'device', 'Other'),
  ];
  const accounts: ModelAccount[] = [];
  for (const label of ['ada', 'grace']) {
    const { id } = await domain.accounts.create(serverActor, {
      name: label,
      roles: [role],
    });
    await domain.appMembers.set({ kind: 'operator' }, app.name, id, 'One');
    accounts.push({ label, id, state: 'enabled', roles: [role], memberRole: 'One' });
  }
  return {
    stack,
    opaqueApi,
    jwtApi,
    resourceServer: await api.createClient({ resource_server_for: resources }),
    roles,
    clients,
    accounts,
    app,
    grants: [],
    tokens: [],
    trace: [],
  };
}

/** An introspection response in the terms of the model. */
const inModel = (body: Record<string, unknown>): Record<string, unknown> => {
  if (body['active'] !== true) return body;
  const { active, client_id, sub, aud, scope, app, roles, entitlements } = body;
  const sorted = (list: unknown) => (Array.isArray(list) ? list.toSorted() : list);
  return {
    active,
    client_id,
    sub,
    aud,
    scope: typeof scope === 'string' ? scope.split(' ').toSorted().join(' ') : undefined,
    ...(app !== undefined && { app }),
    roles: sorted(roles),
    entitlements: sorted(entitlements),
  };
};

function fail(
  world: World,
  token: ModelToken,
  what: string,
  expected: unknown,
  found: unknown,
): never {
  throw new Error(
    [
      ...world.trace,
      `${what} of ${token.label} differs from the model:`,
      `  expected ${JSON.stringify(expected)}`,
      `  found    ${JSON.stringify(found)}`,
    ].join('\n'),
  );
}

/** Compares introspection of every token with the model, on both of its paths, and the paths with one another. */
export async function checkIntrospection(world: World): Promise<void> {
  const { tokens, resourceServer } = world;
  const handled = jest.spyOn(
    Koa.prototype as unknown as { handleRequest: () => void },
    'handleRequest',
  );
  let slow = 0;
  const ask = async (token: ModelToken, client: Credentials) => {
    slow++;
    const [fast, other] = await Promise.all(
      [false, true].map((isSlow) =>
        send(world, '/connect/introspect', { token: token.value }, client, isSlow),
      ),
    );
    if (
      fast?.status !== 200 ||
      !isDeepStrictEqual(Object.entries(fast.body), Object.entries(other?.body ?? {}))
    )
      fail(world, token, 'introspection past the fast path', fast, other);
    return fast.body;
  };
  try {
    await Promise.all(
      tokens.map(async (token) => {
        const shown = shownOf(token, world.roles);
        const found = inModel(await ask(token, resourceServer));
        if (!isDeepStrictEqual(found, shown)) fail(world, token, 'introspection', shown, found);
        const { client } = token;
        if (token.kind !== 'refresh_token' || !client || client.isPublic) return;
        // Only its own client sees a refresh token, as long as it can ask.
        if (client.state !== 'enabled' || client.app) return;
        const { active } = await ask(token, client);
        if (active !== isActive(token))
          fail(world, token, 'introspection by its client', isActive(token), active);
      }),
    );
    if (handled.mock.calls.length !== slow)
      throw new Error(
        `${handled.mock.calls.length - slow} plain introspections did not take the fast path`,
      );
  } finally {
    handled.mockRestore();
  }
}

/** Compares what the API says of every token with the model: by ID, by value, and in lists. */
export async function checkApi(world: World): Promise<void> {
  const { stack, tokens, accounts, clients } = world;
  const get = async (path: string) => (await stack.api.call('GET', path)).body;
  for (const token of tokens) {
    const { state, active } = await get(`/tokens/${token.id}`);
    if (state !== stateOf(token) || active !== isActive(token))
      fail(world, token, 'GET /tokens/{id}', stateOf(token), { state, active });
    const { body } = await stack.api.call('POST', '/tokens/check', { token: token.value });
    if (body.active !== isActive(token) || (body.reasons.length === 0) !== body.active)
      fail(world, token, 'POST /tokens/check', isActive(token), body);
  }
  const owners: [string, (token: ModelToken) => boolean][] = [
    ...accounts.map(({ id }): (typeof owners)[number] => [
      `account_id=${id}`,
      (token) => token.account?.id === id,
    ]),
    ...clients.map(({ id }): (typeof owners)[number] => [
      `client_id=${encodeURIComponent(id)}`,
      (token) => token.clientId === id,
    ]),
  ];
  for (const [filter, isOf] of owners) {
    const own = tokens.filter(
      (token) =>
        isOf(token) && (token.kind === 'personal_access_token' || token.kind === 'api_token'),
    );
    const { items } = await get(`/tokens?limit=100&${filter}`);
    const found = new Map(
      items.map((item: { id: string; state: string }) => [item.id, item.state]),
    );
    // A deleted owner takes the names of its tokens with it.
    for (const token of own)
      if (found.has(token.id) && found.get(token.id) !== stateOf(token))
        fail(world, token, `GET /tokens?${filter}`, stateOf(token), found.get(token.id));
    const active = await get(`/tokens?limit=100&state=active&${filter}`);
    for (const token of own) {
      const isListed = active.items.some((item: { id: string }) => item.id === token.id);
      if (isListed !== isActive(token))
        fail(world, token, `GET /tokens?state=active&${filter}`, isActive(token), isListed);
    }
  }
}
