// What can happen to tokens: each act is done to the server and written into the model. An act that is not possible in the
// world as it is does nothing, so that a walk stays a walk when fast-check takes acts out of it.
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { sql } from 'kysely';
import { parsePublicId, parseToken, publicId } from '../../../src/domain/tokens/value.ts';
import { logInToApp } from '../../support/app-logins.ts';
import { logIn } from '../../support/login.ts';
import { unique } from '../../support/unique.ts';
import {
  isActive,
  type ModelAccount,
  type ModelClient,
  type ModelGrant,
  type ModelToken,
} from './model.ts';
import { permissionSets, scopes, send, type World } from './world.ts';

/** Chooses one of a list; undefined if it is empty. */
export type Choose = <Item>(of: readonly Item[]) => Item | undefined;

/** Does something, and says in words what; undefined if it is not possible. */
type Act = (world: World, choose: Choose) => Promise<string | undefined>;

const idOf = (value: string): string => {
  if (value.startsWith('ey')) return String(decodeJwt(value).jti);
  const id = parseToken(value)?.id;
  if (!id) throw new Error('the server issued a value that is no token');
  return publicId(id);
};

function addToken(
  world: World,
  token: Omit<ModelToken, 'id' | 'label' | 'isExpired' | 'clientId'> & { clientId?: string },
): ModelToken {
  const added: ModelToken = {
    clientId: token.client?.id ?? '',
    ...token,
    label: `token ${world.tokens.length + 1} (${token.kind})`,
    id: idOf(token.value),
    isExpired: false,
    ...(token.value.startsWith('ey') && { kid: String(decodeProtectedHeader(token.value).kid) }),
  };
  world.tokens.push(added);
  return added;
}

const endWhere = (
  { tokens }: World,
  isOne: (token: ModelToken) => boolean,
  state: 'revoked' | 'inactive' = 'inactive',
): void => {
  for (const token of tokens)
    if (isOne(token)) token.ended = token.ended === 'revoked' ? 'revoked' : state;
};

const endGrant = (world: World, grant: ModelGrant | undefined): void =>
  endWhere(world, (token) => grant !== undefined && token.grant === grant);

/** Revokes one token as the server does: a refresh token with its grant. */
const endOne = (world: World, token: ModelToken): void => {
  if (token.kind === 'refresh_token') endGrant(world, token.grant);
  else token.ended = 'revoked';
};

const expect = (
  world: World,
  what: string,
  expected: number,
  answer: { status: number; body: unknown },
) => {
  if (answer.status !== expected)
    throw new Error(
      [
        ...world.trace,
        `${what}: expected ${expected}, not ${answer.status} ${JSON.stringify(answer.body)}`,
      ].join('\n'),
    );
};

const isEnabled = ({ state }: { state: string }): boolean => state === 'enabled';
const canAct = (client: ModelClient): boolean =>
  isEnabled(client) && (!client.app || isEnabled(client.app));
const resourcesOf = ({ opaqueApi, jwtApi }: World) => [opaqueApi, jwtApi];
const scopeChoices = [['things:read'], ['things:write'], scopes];
const yesNo = [false, true];

/** Asks the API as the operator. */
async function ask(world: World, method: string, path: string, expected: number, body?: unknown) {
  const answer = await world.stack.api.call(method, path, body);
  expect(world, `${method} ${path}`, expected, answer);
  return answer.body;
}

const encoded = encodeURIComponent;

/** The path of a client in the API. */
const pathOf = ({ id, app }: ModelClient): string => {
  const [, name = ''] = id.split(':');
  return app ? `/apps/${app.name}/clients/${name}` : `/clients/${encoded(id)}`;
};

const issue: Act = async (world, choose) => {
  const client = choose(world.clients.filter(({ kind }) => kind === 'machine'));
  const resource = choose(resourcesOf(world)) ?? '';
  const scope = choose(scopeChoices) ?? [];
  if (!client) return;
  const isSlow = choose(yesNo) ?? false;
  const answer = await send(
    world,
    '/connect/token',
    { grant_type: 'client_credentials', resource, scope: scope.join(' ') },
    client,
    isSlow,
  );
  const isAllowed = scope.every((name) => client.scope?.includes(name) ?? true);
  const expected = canAct(client) ? (isAllowed ? 200 : 400) : 401;
  expect(world, `client_credentials of the ${client.label}`, expected, answer);
  if (expected !== 200) return `the ${client.label} gets no token`;
  const value = String(answer.body['access_token']);
  const { label } = addToken(world, { value, kind: 'access_token', client, resource, scope });
  return `the ${client.label} gets ${label}, ${scope}${isSlow ? ', past the fast path' : ''}`;
};

const addLogin = (
  world: World,
  given: { client: ModelClient; account: ModelAccount; resource: string; id: string },
  tokens: { access?: string; refresh: string },
): string => {
  const { client, account, resource, id } = given;
  const grant = { id, client, account };
  world.grants.push(grant);
  const of = { client, account, grant, resource, scope: [...scopes, 'offline_access'] };
  const { label } = addToken(world, { ...of, value: tokens.refresh, kind: 'refresh_token' });
  const access =
    tokens.access && addToken(world, { ...of, value: tokens.access, kind: 'access_token' }).label;
  return `${account.label} logs in to the ${client.label}: ${label}${access ? `, ${access}` : ''}`;
};

const signIn: Act = async (world, choose) => {
  const { stack, clients, accounts } = world;
  const client = choose(clients.filter((each) => each.kind === 'login' && canAct(each)));
  const account = choose(accounts.filter(isEnabled));
  const resource = choose(resourcesOf(world)) ?? '';
  if (!client || !account) return;
  const scope = `${scopes.join(' ')} offline_access`;
  // The helper issues as the browser flow does at the first login of a person.
  const { epoch } = await stack.database.kysely
    .selectFrom('account')
    .select('epoch')
    .where('id', '=', account.id)
    .executeTakeFirstOrThrow();
  if (epoch > 0) return;
  const login = await logIn(stack, client.id, { resource, scope, accountId: account.id });
  return addLogin(
    world,
    { client, account, resource, id: login.grantId },
    { refresh: login.refreshToken },
  );
};

const logInDevice: Act = async (world, choose) => {
  const { stack, clients, accounts } = world;
  const client = choose(clients.filter((each) => each.kind === 'device' && canAct(each)));
  const account = choose(accounts.filter(isEnabled));
  const resource = choose(resourcesOf(world)) ?? '';
  if (!client || !account) return;
  const scope = `${scopes.join(' ')} offline_access`;
  const login = await logInToApp(stack, client.id, { accountId: account.id }, { resource, scope });
  const { id } = await stack.database.kysely
    .selectFrom('token')
    .innerJoin('oauth_grant', 'oauth_grant.id', 'token.grant_id')
    .select('oauth_grant.id')
    .where('key', '=', parsePublicId(idOf(login.accessToken))?.key ?? Buffer.of())
    .executeTakeFirstOrThrow();
  return addLogin(
    world,
    { client, account, resource, id },
    { refresh: login.refreshToken, access: login.accessToken },
  );
};

const createPersonalToken: Act = async (world, choose) => {
  const account = choose(world.accounts.filter(isEnabled));
  const scope = choose(scopeChoices) ?? [];
  if (!account) return;
  const { value, token } = await world.stack.domain.personalTokens.create(account.id, {
    name: unique('laptop'),
    resource: world.opaqueApi,
    scope,
    expiresAt: new Date(Date.now() + 86_400_000),
  });
  const { label } = addToken(world, {
    value,
    kind: 'personal_access_token',
    clientId: token.clientId,
    account,
    resource: world.opaqueApi,
    scope,
  });
  return `${account.label} creates ${label}, ${scope}`;
};

const createApiToken: Act = async (world, choose) => {
  const client = choose(world.clients.filter((each) => each.kind === 'machine' && canAct(each)));
  const subject = { type: 'user', id: `${choose([1, 2])}-${world.app.name}` };
  const scope = choose(scopeChoices) ?? [];
  if (!client || client.app || !scope.every((name) => client.scope?.includes(name) ?? true)) return;
  const limit = client.roles.slice(0, 1);
  const { token: value } = await ask(world, 'POST', '/tokens', 201, {
    client_id: client.id,
    subject,
    name: unique('phone'),
    scope: scope.join(' '),
    resource: world.opaqueApi,
    roles: limit,
  });
  const of = {
    kind: 'api_token' as const,
    client,
    resource: world.opaqueApi,
    scope,
    limit,
    subject,
  };
  const { label } = addToken(world, { value, ...of });
  return `the ${client.label} creates ${label} for ${subject.id}, ${scope}`;
};

const refresh: Act = async (world, choose) => {
  const token = choose(world.tokens.filter(({ kind }) => kind === 'refresh_token'));
  const asked = choose([undefined, 'things:read']);
  const isSlow = choose(yesNo) ?? false;
  if (!token?.client) return;
  const { client, redeemed, account, grant, resource } = token;
  const form = {
    grant_type: 'refresh_token',
    refresh_token: token.value,
    ...(asked && { scope: asked }),
  };
  const answer = await send(world, '/connect/token', form, client, isSlow);
  const what = `refresh of ${token.label}${asked ? ` for ${asked}` : ''}${isSlow ? ', past the fast path' : ''}`;
  const holds = !token.ended && !token.isExpired;
  if (!canAct(client)) {
    expect(world, what, 401, answer);
    return `${what} is refused with its client`;
  }
  if (!holds) {
    expect(world, what, 400, answer);
    return `${what} is refused`;
  }
  if (redeemed && !redeemed.isAged && redeemed.scope === asked) {
    expect(world, what, 200, answer);
    if (JSON.stringify(answer.body) !== redeemed.response)
      throw new Error([...world.trace, `${what}: the repeated response is another one`].join('\n'));
    return `${what} gets the same response again`;
  }
  if (redeemed) {
    expect(world, what, 400, answer);
    if (!redeemed.isAged) return `${what} is another request: refused`;
    endGrant(world, grant);
    token.ended = 'revoked';
    return `${what} is reuse: its grant is revoked`;
  }
  expect(world, what, 200, answer);
  const { access_token: access, refresh_token: next } = answer.body;
  const of = { client, resource, ...(account && { account }), ...(grant && { grant }) };
  const scope = asked ? [asked] : token.scope;
  const issued = addToken(world, {
    ...of,
    value: String(access),
    kind: 'access_token',
    scope,
  }).label;
  if (!client.rotates) return `${what} gives ${issued}`;
  token.redeemed = { scope: asked, response: JSON.stringify(answer.body), isAged: false };
  const successor = addToken(world, {
    ...of,
    value: String(next),
    kind: 'refresh_token',
    scope: token.scope,
  });
  return `${what} gives ${issued} and ${successor.label}`;
};

const passReplayWindow: Act = async (world) => {
  if (!world.tokens.some(({ redeemed }) => redeemed)) return;
  const { kysely } = world.stack.database;
  await sql`update redemption set redeemed_at = redeemed_at - interval '31 seconds'`.execute(
    kysely,
  );
  await sql`update token set consumed_at = consumed_at - interval '31 seconds'
    where consumed_at is not null`.execute(kysely);
  for (const { redeemed } of world.tokens) if (redeemed) redeemed.isAged = true;
  return '31 seconds pass';
};

const expire: Act = async (world, choose) => {
  const token = choose(world.tokens);
  const id = token && parsePublicId(token.id);
  if (!token || !id) return;
  await sql`update token set expires_at = now() - interval '1 second'
    where shelf = ${id.partition} and key = ${id.key}`.execute(world.stack.database.kysely);
  token.isExpired = true;
  return `${token.label} expires`;
};

const revokeAsClient: Act = async (world, choose) => {
  const token = choose(world.tokens.filter(({ client }) => client));
  const isSlow = choose(yesNo) ?? false;
  const asker = choose([token?.client, token?.client, world.clients[0]]);
  if (!token || !asker) return;
  const answer = await send(world, '/connect/revocation', { token: token.value }, asker, isSlow);
  const what = `the ${asker.label} revokes ${token.label}`;
  expect(world, what, canAct(asker) ? 200 : 401, answer);
  if (!canAct(asker)) return `${what}: refused`;
  if (asker === token.client) endOne(world, token);
  return what;
};

const revokeAsAdministrator: Act = async (world, choose) => {
  const token = choose(world.tokens);
  if (!token) return;
  await ask(world, 'DELETE', `/tokens/${token.id}`, 204);
  if (token.kind === 'refresh_token' || !token.isExpired) endOne(world, token);
  return `an administrator revokes ${token.label}`;
};

const revokeItself: Act = async (world, choose) => {
  const token = choose(world.tokens.filter(({ kind }) => kind !== 'refresh_token'));
  if (!token) return;
  const { status, body } = await world.stack.request('DELETE', '/api/v1/tokens/self', {
    headers: { authorization: `Bearer ${token.value}` },
  });
  expect(world, `${token.label} revokes itself`, isActive(token) ? 204 : 401, { status, body });
  if (!isActive(token)) return `${token.label} cannot revoke itself`;
  token.ended = 'revoked';
  return `${token.label} revokes itself`;
};

const disconnect: Act = async (world, choose) => {
  const grant = choose(world.grants);
  if (!grant) return;
  await world.stack.domain.connectedClients.disconnect(grant.account.id, grant.id);
  endGrant(world, grant);
  return `${grant.account.label} disconnects the ${grant.client.label}`;
};

const revokeGrant: Act = async (world, choose) => {
  const grant = choose(world.grants.filter(({ account }) => account.state !== 'deleted'));
  if (!grant) return;
  const { status } = await world.stack.api.call('DELETE', `/grants/${grant.id}`);
  if (status !== 204 && status !== 404) expect(world, 'DELETE /grants', 204, { status, body: '' });
  endGrant(world, grant);
  return `an administrator revokes a grant of ${grant.account.label} at the ${grant.client.label}`;
};

const revokeOfClient: Act = async (world, choose) => {
  const client = choose(world.clients.filter(({ state, app }) => state !== 'deleted' && !app));
  if (!client) return;
  await ask(world, 'DELETE', `/clients/${encoded(client.id)}/tokens`, 204);
  endWhere(world, (token) => token.client === client);
  return `all tokens of the ${client.label} are revoked`;
};

const revokeOfAccount: Act = async (world, choose) => {
  const account = choose(world.accounts.filter(({ state }) => state !== 'deleted'));
  if (!account) return;
  await ask(world, 'DELETE', `/accounts/${account.id}/tokens`, 204);
  endWhere(world, (token) => token.account === account);
  return `all tokens of ${account.label} are revoked`;
};

const revokeOfSubject: Act = async (world, choose) => {
  const token = choose(world.tokens.filter(({ subject }) => subject));
  if (!token?.subject) return;
  const { subject } = token;
  await ask(world, 'POST', '/tokens/revoke', 200, { subject });
  endWhere(world, (each) => each.subject?.id === subject.id && !each.isExpired, 'revoked');
  return `all tokens of ${subject.id} are revoked`;
};

const reportLeak: Act = async (world, choose) => {
  const token = choose(world.tokens);
  if (!token) return;
  await ask(world, 'POST', '/tokens/leaked', 202, { tokens: [token.value] });
  if (!token.ended && !token.isExpired) endOne(world, token);
  return `${token.label} is reported as leaked`;
};

const toggleClient: Act = async (world, choose) => {
  const client = choose(
    world.clients.filter(({ state, app }) => state !== 'deleted' && app?.state !== 'deleted'),
  );
  if (!client) return;
  const verb = isEnabled(client) ? 'disable' : 'enable';
  await ask(world, 'POST', `${pathOf(client)}/${verb}`, 200);
  client.state = verb === 'disable' ? 'disabled' : 'enabled';
  if (verb === 'disable') endWhere(world, (token) => token.client === client);
  return `the ${client.label} is ${client.state}`;
};

const toggleAccount: Act = async (world, choose) => {
  const account = choose(world.accounts.filter(({ state }) => state !== 'deleted'));
  if (!account) return;
  const verb = isEnabled(account) ? 'disable' : 'enable';
  await ask(world, 'POST', `/accounts/${account.id}/${verb}`, 200);
  account.state = verb === 'disable' ? 'disabled' : 'enabled';
  if (verb === 'disable') endWhere(world, (token) => token.account === account);
  return `${account.label} is ${account.state}`;
};

const toggleApp: Act = async (world) => {
  const { app } = world;
  if (app.state === 'deleted') return;
  const verb = isEnabled(app) ? 'disable' : 'enable';
  await ask(world, 'POST', `/apps/${app.name}/${verb}`, 200);
  app.state = verb === 'disable' ? 'disabled' : 'enabled';
  if (verb === 'disable') endWhere(world, ({ client }) => client?.app === app);
  return `the app is ${app.state}`;
};

const rolesOf = (world: World): string[][] => {
  const names = [...world.roles.keys()];
  return [[], ...names.map((name) => [name]), names];
};

const changeRole: Act = async (world, choose) => {
  const name = choose([...world.roles.keys()]) ?? '';
  const permissions = choose(permissionSets) ?? [];
  await ask(world, 'PUT', `/roles/${name}`, 200, { permissions });
  world.roles.set(name, permissions);
  return `the role ${name} permits ${permissions}`;
};

const changeRolesOfClient: Act = async (world, choose) => {
  const client = choose(world.clients.filter(({ state, app }) => state !== 'deleted' && !app));
  const roles = choose(rolesOf(world)) ?? [];
  if (!client) return;
  await ask(world, 'PATCH', pathOf(client), 200, { roles });
  client.roles = roles;
  return `the ${client.label} has the roles ${roles}`;
};

const changeRolesOfAccount: Act = async (world, choose) => {
  const account = choose(world.accounts.filter(({ state }) => state !== 'deleted'));
  const roles = choose(rolesOf(world)) ?? [];
  if (!account) return;
  await ask(world, 'PATCH', `/accounts/${account.id}`, 200, { roles });
  account.roles = roles;
  return `${account.label} has the roles ${roles}`;
};

const changeAppRole: Act = async (world, choose) => {
  const { app } = world;
  const name = choose([...app.roles.keys()]) ?? '';
  const permissions = choose(permissionSets) ?? [];
  if (app.state === 'deleted') return;
  await ask(world, 'PUT', `/apps/${app.name}/roles/${name}`, 200, { permissions });
  app.roles.set(name, permissions);
  return `the role ${name} of the app permits ${permissions}`;
};

const changeRoleInApp: Act = async (world, choose) => {
  const client = choose(
    world.clients.filter(({ state, app }) => app && app.state !== 'deleted' && state !== 'deleted'),
  );
  const role = choose([...world.app.roles.keys()]) ?? '';
  if (!client) return;
  await ask(world, 'PATCH', pathOf(client), 200, { role });
  client.roles = [role];
  return `the ${client.label} has the role ${role}`;
};

const changeMember: Act = async (world, choose) => {
  const { app, accounts } = world;
  const account = choose(accounts.filter(({ state }) => state !== 'deleted'));
  const role = choose([undefined, ...app.roles.keys()]);
  if (!account || app.state === 'deleted') return;
  const path = `/apps/${app.name}/members/${account.id}`;
  if (role === undefined) {
    await ask(world, 'DELETE', path, account.memberRole === undefined ? 404 : 204);
    account.memberRole = undefined;
    return `${account.label} leaves the app`;
  }
  if (account.memberRole === undefined) return;
  await ask(world, 'PUT', path, 200, { role });
  account.memberRole = role;
  return `${account.label} has the role ${role} in the app`;
};

const limitClient: Act = async (world, choose) => {
  const client = choose(
    world.clients.filter(
      ({ state, app, kind }) => state !== 'deleted' && !app && kind === 'machine',
    ),
  );
  const scope = choose([undefined, ['things:read'], scopes]);
  if (!client) return;
  await ask(world, 'PATCH', pathOf(client), 200, { scope: scope?.join(' ') ?? null });
  client.scope = scope;
  return `the ${client.label} is registered with the scope ${scope}`;
};

const rotateSecret: Act = async (world, choose) => {
  const client = choose(
    world.clients.filter(
      (each) => !each.isPublic && each.state !== 'deleted' && each.app?.state !== 'deleted',
    ),
  );
  const endsTokens = choose(yesNo) ?? false;
  if (!client) return;
  const { items } = await ask(world, 'GET', `${pathOf(client)}/secrets`, 200);
  const created = await ask(
    world,
    'POST',
    `${pathOf(client)}/secrets`,
    201,
    client.app ? undefined : {},
  );
  for (const { id } of items)
    await ask(world, 'DELETE', `${pathOf(client)}/secrets/${id}?end_tokens=${endsTokens}`, 204);
  client.secret = created.client_secret ?? created.secret ?? created.value;
  if (endsTokens) endWhere(world, (token) => token.client === client && token.kind !== 'api_token');
  return `the ${client.label} has a new secret${endsTokens ? ', and its tokens are revoked' : ''}`;
};

const rotateKey: Act = async (world) => {
  await sql`update signing_key set created_at = created_at - interval '30 days'
    where state = 'announced' and alg = 'ES256'`.execute(world.stack.database.kysely);
  await ask(world, 'POST', '/keys/rotate', 200, { alg: 'ES256' });
  return 'the signing key is rotated';
};

const revokeKey: Act = async (world, choose) => {
  const kid = choose(world.tokens.flatMap((token) => token.kid ?? []));
  if (!kid) return;
  const { status } = await world.stack.api.call('DELETE', `/keys/${kid}`);
  if (status !== 204 && status !== 404) expect(world, 'DELETE /keys', 204, { status, body: '' });
  endWhere(world, (token) => token.kid === kid);
  return `the signing key ${kid} is revoked`;
};

const deleteOne: Act = async (world, choose) => {
  const { clients, accounts, app } = world;
  const thing = choose([
    ...clients.filter(({ state, app: of }) => state !== 'deleted' && of?.state !== 'deleted'),
    ...accounts.filter(({ state }) => state !== 'deleted'),
    ...(app.state === 'deleted' ? [] : [app]),
  ]);
  if (!thing) return;
  thing.state = 'deleted';
  if ('secret' in thing) {
    await ask(world, 'DELETE', pathOf(thing), 204);
    endWhere(world, ({ client }) => client === thing);
    return `the ${thing.label} is deleted`;
  }
  if ('id' in thing) {
    await ask(world, 'DELETE', `/accounts/${thing.id}`, 204);
    endWhere(world, ({ account }) => account === thing);
    return `${thing.label} is deleted`;
  }
  await ask(world, 'DELETE', `/apps/${app.name}`, 204);
  endWhere(world, ({ client }) => client?.app === app);
  return 'the app is deleted';
};

/** The acts by name, with how often each is chosen. */
export const acts = {
  issue: [8, issue],
  signIn: [6, signIn],
  logInDevice: [4, logInDevice],
  createPersonalToken: [3, createPersonalToken],
  createApiToken: [3, createApiToken],
  refresh: [12, refresh],
  passReplayWindow: [2, passReplayWindow],
  expire: [2, expire],
  revokeAsClient: [3, revokeAsClient],
  revokeAsAdministrator: [2, revokeAsAdministrator],
  revokeItself: [2, revokeItself],
  disconnect: [1, disconnect],
  revokeGrant: [1, revokeGrant],
  revokeOfClient: [1, revokeOfClient],
  revokeOfAccount: [1, revokeOfAccount],
  revokeOfSubject: [1, revokeOfSubject],
  reportLeak: [1, reportLeak],
  toggleClient: [3, toggleClient],
  toggleAccount: [3, toggleAccount],
  toggleApp: [2, toggleApp],
  changeRole: [2, changeRole],
  changeRolesOfClient: [2, changeRolesOfClient],
  changeRolesOfAccount: [2, changeRolesOfAccount],
  changeAppRole: [2, changeAppRole],
  changeRoleInApp: [2, changeRoleInApp],
  changeMember: [2, changeMember],
  limitClient: [2, limitClient],
  rotateSecret: [2, rotateSecret],
  rotateKey: [1, rotateKey],
  revokeKey: [1, revokeKey],
  deleteOne: [1, deleteOne],
} satisfies Record<string, [number, Act]>;

export type ActName = keyof typeof acts;
