// The pages of apps, as they are every day, at their worst, and with next to nothing on them.
import { overlaps } from '../../config/tokens.ts';
import { appActivity } from '../../views/apps/activity.ts';
import { appAlreadyCreated } from '../../views/apps/already-created.ts';
import { type AppApiKeyProps, appApiKey } from '../../views/apps/api-key.ts';
import { appApiKeyCreated } from '../../views/apps/api-key-created.ts';
import { appApiKeyRegenerate } from '../../views/apps/api-key-regenerate.ts';
import { appApiKeyRevoke } from '../../views/apps/api-key-revoke.ts';
import { type AppApiKeysProps, appApiKeys } from '../../views/apps/api-keys.ts';
import { type AppClientProps, appClient } from '../../views/apps/client.ts';
import { appClientCreated } from '../../views/apps/client-created.ts';
import { appClientNew } from '../../views/apps/client-new.ts';
import { type AppConnectProps, appConnect, type TrialShown } from '../../views/apps/connect.ts';
import { appInvitation, appInvitationGone } from '../../views/apps/invitation.ts';
import { appInvited } from '../../views/apps/invited.ts';
import { apps } from '../../views/apps/list.ts';
import { type AppMemberRemovalProps, appMemberRemoval } from '../../views/apps/member-removal.ts';
import { type AppMembersProps, appMembers } from '../../views/apps/members.ts';
import { appNew } from '../../views/apps/new.ts';
import { appHome } from '../../views/apps/overview.ts';
import { appRoleEdit } from '../../views/apps/role-edit.ts';
import { appRoles } from '../../views/apps/roles.ts';
import { appSettings } from '../../views/apps/settings.ts';
import type { ApiKeySnippets } from '../../views/components/api-key.ts';
import type {
  AppShown,
  ClientShown,
  ReceivedInvitationShown,
  RoleShown,
} from '../../views/components/app.ts';
import type { ConnectShown } from '../../views/components/connect.ts';
import type { EventShown } from '../../views/components/event.ts';
import type { TokenShown } from '../../views/components/token.ts';
import type { UsageShown } from '../../views/components/usage.ts';
import {
  ada,
  ago,
  ahead,
  arabic,
  at,
  type Case,
  day,
  everyday,
  extremePerson,
  frame,
  hostile,
  hour,
  long,
  minute,
  now,
  one,
  unbroken,
  worst,
} from './case.ts';

const here = at('apps');
const told = (notice: string) => at('apps', { person: ada, notice });
const worstHere = at('apps', extremePerson);
/** Of a page with something to copy. */
const copied = at('apps', { person: ada, copies: true });
const worstCopied = at('apps', { ...extremePerson, copies: true });

const acme: AppShown = {
  name: 'acme',
  displayName: 'Acme Shop',
  disabledAt: null,
  disabledBy: null,
  manages: 'app',
};
const asReader: AppShown = { ...acme, manages: 'nothing' };
const asDeveloper: AppShown = { ...acme, manages: 'clients' };
const worstApp: AppShown = {
  name: long('acme-', 40),
  displayName: `${hostile} ${unbroken}`,
  disabledAt: ago(day),
  disabledBy: 'member',
  manages: 'app',
};

const client = (name: string, part: Partial<ClientShown> = {}): ClientShown => ({
  clientId: `acme:${name}`,
  name,
  displayName: name,
  kind: 'server',
  role: 'Developer',
  disabledAt: null,
  disabledBy: null,
  ...part,
});
export const clients: ClientShown[] = [
  client('default', { displayName: 'Default', role: 'Owner' }),
  client('website', { displayName: 'Website', kind: 'website', role: 'Editor' }),
  // Without a display name of its own, it has the app's.
  client('ios', { displayName: 'Acme Shop', kind: 'native', role: 'Reader' }),
  client('cli', { displayName: 'Command line', kind: 'device', role: 'Developer' }),
  client('import', {
    displayName: 'Nightly import',
    role: 'Importer',
    disabledAt: ago(day),
    disabledBy: 'member',
  }),
];
const [first = client('default')] = clients;
const worstClient = client(long('client-', 40), {
  clientId: `${worstApp.name}:${long('client-', 40)}`,
  displayName: `${hostile} ${arabic} ${unbroken}`,
  kind: 'native',
  role: unbroken,
  disabledAt: ago(day),
  disabledBy: 'member',
});

const days = Array.from({ length: 30 }, (_, index) =>
  ago((29 - index) * day)
    .toISOString()
    .slice(0, 10),
);
const usage: UsageShown = {
  days,
  clients: clients.map(({ clientId, displayName }, place) => ({
    clientId,
    displayName,
    deleted: place === 4,
    accessTokens: days.map((_, index) =>
      place === 3 ? 0 : Math.round(40 + 36 * Math.sin(index / 2 + place) + index * (4 - place)),
    ),
  })),
};
const noUsage: UsageShown = { days, clients: [] };
const worstUsage: UsageShown = {
  days,
  clients: Array.from({ length: 40 }, (_, place) => ({
    clientId: `${worstApp.name}:${place}`,
    displayName: unbroken,
    deleted: true,
    accessTokens: days.map((_, index) => (index === 7 ? 98_765_432_101 : index % 2)),
  })),
};

const account = (name: string | null, id = name) => ({ kind: 'account', id, name });
const target = (kind: string, name: string | null) => ({ kind, id: name, name });
const event = (
  seconds: number,
  action: string,
  part: Partial<Omit<EventShown, 'at' | 'action'>> = {},
): EventShown => ({
  action,
  at: ago(seconds),
  result: 'success',
  actor: account('Ada Lovelace'),
  target: null,
  details: null,
  ...part,
});
const website = target('client', 'acme:website');
const events: EventShown[] = [
  event(3 * minute, 'device.approved', {
    actor: account('Somebody'),
    target: target('client', 'acme:cli'),
  }),
  event(20 * minute, 'client_secret.revoked', {
    target: target('client', 'acme:default'),
    details: { hint: 'x7Qa' },
  }),
  event(2 * hour, 'client_secret.created', { target: target('client', 'acme:default') }),
  event(3 * hour, 'app_member.changed', {
    target: account('Grace Hopper'),
    details: { role: { before: 'Reader', after: 'Developer' } },
  }),
  event(5 * hour, 'client.updated', {
    target: website,
    details: {
      role: { before: 'Reader', after: 'Editor' },
      redirect_uris: { before: [], after: ['https://www.example.com/'] },
    },
  }),
  event(6 * hour, 'api_key.created', {
    target: { kind: 'token', id: 'tok_1', name: null },
    details: { name: 'billing', client_id: 'acme:default' },
  }),
  event(7 * hour, 'api_token.created', {
    actor: { kind: 'client', id: 'acme:default', name: 'acme:default' },
    target: { kind: 'token', id: 'tok_2', name: null },
    details: { name: 'Laptop', client_id: 'acme:default' },
  }),
  event(day, 'client.created', { target: website }),
  event(day + hour, 'token.tried', { target: target('client', 'acme:default') }),
  event(day + 2 * hour, 'app_invitation.created', {
    target: target('app', 'Acme Shop'),
    details: { email: 'grace@example.com', role: 'Reader' },
  }),
  event(2 * day, 'client.disabled', {
    actor: { kind: 'client', id: 'robot', name: 'robot' },
    target: target('client', 'acme:import'),
  }),
  event(2 * day + minute, 'refresh_token.reused', {
    actor: { kind: 'system', name: null },
    target: { kind: 'grant', id: 'g', name: null },
    details: { client_id: 'acme:cli' },
  }),
  event(3 * day, 'client.deleted', {
    actor: account('Grace Hopper'),
    target: target('client', 'acme:old'),
    result: 'refused',
  }),
  event(4 * day, 'app.created', { target: target('app', 'Acme Shop') }),
];
const worstEvents: EventShown[] = [
  ...events.map((each) => ({
    ...each,
    actor: account(`${hostile} ${unbroken}`),
    target: each.target && { ...each.target, name: arabic },
    details: { role: unbroken, email: `${long('a', 64)}@example.com`, hint: hostile },
  })),
  event(5 * day, unbroken, { actor: account(null), details: { [unbroken]: unbroken } }),
  event(5 * day, 'constructor', { target: { kind: 'account', name: null } }),
  event(5 * day, 'app.updated', {
    details: {
      [hostile]: { before: arabic, after: hostile },
      list: { before: null, after: [unbroken] },
    },
  }),
];

const roles: RoleShown[] = [
  {
    name: 'Owner',
    description: 'Everything, the app itself included',
    permissions: ['*'],
    manages: 'app',
    builtIn: true,
  },
  {
    name: 'Developer',
    description: 'Everything at the API, and the clients of the app',
    permissions: ['*'],
    manages: 'clients',
    builtIn: true,
  },
  {
    name: 'Editor',
    description: 'Sees and changes what is in the API',
    permissions: ['*.read', '*.write', '*.*.read', '*.*.write'],
    manages: 'nothing',
    builtIn: true,
  },
  {
    name: 'Reader',
    description: 'Can see everything',
    permissions: ['*.read', '*.*.read'],
    manages: 'nothing',
    builtIn: true,
  },
  {
    name: 'Importer',
    description: 'Writes things every night',
    permissions: ['things.read|write', 'logs.write'],
    manages: 'nothing',
    builtIn: false,
  },
];
const importer = roles.at(-1) as RoleShown;
const worstRoles: RoleShown[] = Array.from({ length: 12 }, (_, index) => ({
  name: [unbroken, hostile, arabic, 'x'][index % 4] + String(index),
  description: [arabic, unbroken, '', hostile][index % 4] ?? '',
  permissions: Array.from({ length: index * 9 }, (_, each) => `${long('thing.', 100)}${each}`),
  manages: (['nothing', 'clients', 'app'] as const)[index % 3] ?? 'nothing',
  builtIn: index % 2 === 0,
}));

const invitation: ReceivedInvitationShown = {
  id: 'i1',
  app: { name: 'globex', displayName: 'Globex Warehouse' },
  role: 'Developer',
  roleDescription: 'Everything at the API, and the clients of the app',
  email: 'ada@example.com',
  invitedBy: 'Grace Hopper',
  expiresAt: ahead(13 * day),
};
const worstInvitation: ReceivedInvitationShown = {
  id: hostile,
  app: { name: worstApp.name, displayName: `${hostile} ${unbroken}` },
  role: unbroken,
  roleDescription: `${arabic} ${unbroken}`,
  email: `${long('a', 64)}@${long('example.', 180)}com`,
  invitedBy: `${hostile} ${unbroken}`,
  expiresAt: ahead(20),
};

const members: AppMembersProps['members'] = [
  { accountId: 'a1', ...ada, role: 'Owner', since: ago(40 * day) },
  {
    accountId: 'a2',
    name: 'Grace Hopper',
    email: 'grace@example.com',
    role: 'Developer',
    since: ago(9 * day),
  },
  { accountId: 'a3', name: arabic, email: 'dev@example.org', role: 'Reader', since: ago(day) },
];
const pending: AppMembersProps['invitations'] = [
  {
    id: 'p1',
    email: 'alan@example.com',
    role: 'Editor',
    invitedBy: 'Ada Lovelace',
    createdAt: ago(day),
    expiresAt: ahead(13 * day),
  },
];
const worstMembers: AppMembersProps['members'] = [
  ...members.map((member) => ({
    ...member,
    name: `${hostile} ${unbroken}`,
    email: worstInvitation.email,
    role: unbroken,
  })),
  { accountId: 'a4', name: '👩‍🚀', email: null, role: 'x', since: now },
  { accountId: 'a5', name: '', email: null, role: arabic, since: now },
];

const created: AppMemberRemovalProps['credentials'] = [
  {
    kind: 'client_secret',
    client: 'default',
    name: null,
    hint: 'x7Qa',
    createdAt: ago(3 * day),
    lastUsedAt: ago(2 * minute),
  },
  {
    kind: 'api_key',
    client: 'default',
    name: 'Billing',
    hint: '9fGh',
    createdAt: ago(40 * day),
    lastUsedAt: null,
  },
];

const settings: AppClientProps = {
  app: acme,
  client: {
    ...first,
    redirectUris: [],
    idTokenAlg: null,
    accessTokenTtl: 7 * day,
    accessTokenFormat: null,
    apiCallsLimit: 100_000,
    apiTrafficLimit: null,
    allowAnonymous: false,
    urls: {
      postLogoutRedirectUris: [],
      backchannelLogoutUri: null,
      frontchannelLogoutUri: null,
      initiateLoginUri: null,
    },
    security: { profile: null, jwks: null, requirePushedRequests: false, dpopBound: false },
    signIn: {
      optionalScopes: [],
      defaultMaxAge: null,
      requireAuthTime: false,
      requireSecondFactor: false,
      claimsInIdToken: true,
      userinfoAlg: null,
    },
    firstParty: false,
    createdAt: ago(40 * day),
  },
  mayManage: true,
  apiUse: { calls: 12_345, bytes: 67_890_123 },
  roles,
  tokenFormats: ['opaque', 'jwt'],
  longestAccessTokenTtl: 30 * day,
  secrets: [
    {
      id: 's2',
      hint: 'x7Qa',
      createdAt: ago(3 * day),
      expiresAt: null,
      lastUsedAt: ago(2 * minute),
      createdBy: ada,
    },
    {
      id: 's1',
      hint: 'Kp2f',
      createdAt: ago(40 * day),
      expiresAt: null,
      lastUsedAt: ago(3 * day),
    },
  ],
  mayAddSecret: false,
};
const websiteSettings: AppClientProps = {
  ...settings,
  client: {
    ...settings.client,
    ...client('website', { displayName: 'Website', kind: 'website', role: 'Editor' }),
    redirectUris: ['https://www.example.com/signed-in', 'https://staging.example.com/signed-in'],
    idTokenAlg: 'RS256',
    accessTokenTtl: null,
  },
  secrets: undefined,
};

const strictSignIn = {
  optionalScopes: ['email', unbroken],
  defaultMaxAge: 3600,
  requireAuthTime: true,
  requireSecondFactor: true,
  claimsInIdToken: false,
  userinfoAlg: 'ES256' as const,
};

const snippets: ConnectShown['snippets'] = {
  env: [
    'OAUTH_ISSUER=https://login.acme.example',
    'OAUTH_CLIENT_ID=acme:default',
    'OAUTH_CLIENT_SECRET=YOUR_CLIENT_SECRET',
  ].join('\n'),
  curl: [
    'curl -s https://login.acme.example/connect/token',
    '-d grant_type=client_credentials',
    '-d client_id=acme:default',
    '-d client_secret=YOUR_CLIENT_SECRET',
    '-d scope=things:read+things:write',
  ].join(' \\\n  '),
  shell: `TOKEN=$(curl -s https://login.acme.example/connect/token -d client_id=acme:default)\necho "$TOKEN"`,
  device: {
    start: `DEVICE=$(curl -s https://login.acme.example/connect/deviceauthorization -d client_id=acme:cli)`,
    poll: `curl -s https://login.acme.example/connect/token -d "device_code=$DEVICE"`,
  },
  node: `import * as client from 'openid-client';

const config = await client.discovery(
  new URL(process.env.OAUTH_ISSUER),
  process.env.OAUTH_CLIENT_ID,
  process.env.OAUTH_CLIENT_SECRET,
);
const { access_token } = await client.clientCredentialsGrant(config, {
  scope: 'things:read things:write',
});
console.log(access_token);`,
  python: `import os

import requests

response = requests.post(
    "https://login.acme.example/connect/token",
    data={"grant_type": "client_credentials"},
)
print(response.json()["access_token"])`,
  go: `package main

import "golang.org/x/oauth2/clientcredentials"

func main() {
	config := clientcredentials.Config{TokenURL: "https://login.acme.example/connect/token"}
}`,
};
const connect: ConnectShown = {
  snippets,
  resource: 'https://api.example.com',
  scope: 'things:read things:write',
};
const connecting: AppConnectProps = {
  app: acme,
  client: { ...first, redirectUris: [] },
  resources: [{ identifier: 'https://api.example.com', name: 'Acme API' }],
  scopes: [
    { name: 'things:read', description: 'See your things' },
    { name: 'things:write', description: 'Create, change and delete your things' },
  ],
  connect,
  isStrict: false,
  mayTry: true,
  example: {
    read: 'curl -si https://login.acme.example/example/things -H "Authorization: Bearer $TOKEN"',
    write: `curl -si https://login.acme.example/example/things -H "Authorization: Bearer $TOKEN" \\\n  -d '{"name":"lamp"}'`,
  },
};
const trial: TrialShown = {
  response: {
    access_token: 'writ_at_0lwWcULoE0iqXT9GACoyHHT9Xm253iDzXTKeOYGom7n4po1YiZv4',
    token_type: 'Bearer',
    expires_in: hour,
    scope: 'things:read things:write',
  },
  introspection: {
    active: true,
    iss: 'https://login.acme.example',
    client_id: 'acme:default',
    sub: 'acme:default',
    aud: 'https://api.example.com',
    scope: 'things:read things:write',
    exp: 1_797_892_759,
    app: 'acme',
    roles: ['Owner'],
    entitlements: ['*'],
  },
};
const worstConnect: ConnectShown = {
  snippets: {
    env: `OAUTH_ISSUER=${unbroken}`,
    curl: `</code></pre>${hostile}\n${unbroken}`,
    shell: arabic,
    device: { start: unbroken, poll: hostile },
    node: `${hostile}\n`.repeat(80),
    python: unbroken,
    go: hostile,
  },
  resource: `https://example.com/'$(id)\`"\\?${unbroken}`,
  scope: `${long('scope:read ', 600)} $HOME 'quoted'`,
};
const ofKind = (kind: ClientShown['kind'], redirectUris: string[] = []): AppConnectProps => ({
  ...connecting,
  client: { ...client(kind, { displayName: 'Acme for everybody', kind }), redirectUris },
  connect: {
    ...connect,
    snippets: {
      node: snippets.node,
      ...(kind !== 'website' && { python: snippets.python, go: snippets.go }),
      ...(kind === 'website_with_server' && { env: snippets.env }),
      ...(kind === 'device' && { device: snippets.device }),
    },
  },
  example: undefined,
  isStrict: false,
  mayTry: false,
});

const tokenSnippets: ApiKeySnippets = {
  key: 'export API_KEY=YOUR_API_KEY',
  curl: {
    create: [
      'TOKEN=$(curl -s https://login.acme.example/api/v1/tokens',
      '-H "Authorization: Bearer $API_KEY"',
      "-H 'Content-Type: application/json'",
      `-d '{"subject":{"type":"user","id":"42"},"name":"Laptop","scope":"things:read","roles":["Owner"]}'`,
      '| sed -E \'s/.*"token":"([^"]+)".*/\\1/\')',
    ].join(' \\\n  '),
    use: 'curl -si https://login.acme.example/example/things -H "Authorization: Bearer $TOKEN"',
    list: 'curl -s "https://login.acme.example/api/v1/tokens?subject_type=user&subject_id=42&state=active"',
    revoke:
      'curl -s https://login.acme.example/api/v1/tokens/revoke -H "Authorization: Bearer $API_KEY"',
  },
  node: `const api = 'https://login.acme.example/api/v1';`,
  python: 'API = "https://login.acme.example/api/v1"',
  go: 'const api = "https://login.acme.example/api/v1"',
};
const scopesOf = (...names: string[]) => names.map((name) => ({ name, description: '' }));
const key = (name: string, part: Partial<TokenShown> = {}): TokenShown => ({
  id: `tok_${name}`,
  name,
  hint: 'x7Qa',
  resource: 'https://login.acme.example/api/v1',
  scopes: scopesOf('tokens:read', 'tokens:write'),
  details: [],
  status: 'active',
  leaked: false,
  createdAt: ago(40 * day),
  expiresAt: null,
  lastUsedAt: ago(3 * minute),
  revokedAt: null,
  replacedBy: null,
  ...part,
});
const replaced = key('Billing', {
  expiresAt: ahead(20 * hour),
  replacedBy: { id: 'tok_next', hint: 'Kp2f' },
});
const apiKeys: AppApiKeysProps = {
  app: acme,
  client: first,
  mayManage: true,
  keys: [
    key('Billing', {
      id: 'tok_next',
      hint: 'Kp2f',
      createdAt: ago(4 * hour),
      lastUsedAt: null,
      createdBy: ada,
    }),
    replaced,
    key('Support desk', { scopes: scopesOf('tokens:read'), expiresAt: ahead(3 * day) }),
    key('Old shop', { status: 'revoked', revokedAt: ago(2 * day) }),
    key('Test run', { status: 'revoked', leaked: true, revokedAt: ago(5 * day) }),
  ],
  snippets: tokenSnippets,
  idempotencyKey: 'once',
  ttls: [7 * day, 30 * day, 90 * day, 366 * day],
  values: { may: 'write', expiry: String(90 * day) },
};
const worstKeys = Array.from({ length: 30 }, (_, index) =>
  key(unbroken, {
    id: `${hostile}${index}`,
    name: [unbroken, hostile, arabic, 'x'][index % 4] ?? '',
    hint: index % 2 ? hostile : null,
    status: (['active', 'expired', 'revoked', 'inactive'] as const)[index % 4] ?? 'active',
    expiresAt: ago(day),
    revokedAt: ago(day),
    replacedBy: { id: hostile, hint: hostile },
  }),
);
const apiKey: AppApiKeyProps = {
  app: acme,
  client: first,
  key: key('Billing', { expiresAt: ahead(50 * day) }),
  mayManage: true,
  ttls: apiKeys.ttls,
};

export const appCases: Case[] = [
  everyday('apps', (brand) =>
    apps(frame(brand, here), {
      apps: [
        { ...acme, role: 'Owner', clients: 5 },
        {
          ...acme,
          name: 'initech',
          displayName: 'Initech Reports',
          role: 'Reader',
          clients: 1,
          disabledAt: ago(day),
        },
        { ...acme, name: 'matbakh', displayName: arabic, role: 'Developer', clients: 2 },
      ],
      next: null,
      invitations: [invitation],
    }),
  ),
  everyday('apps-empty', (brand) =>
    apps(frame(brand, here), { apps: [], next: null, invitations: [] }),
  ),
  one('apps-extreme', (brand) =>
    apps(frame(worst(brand), worstHere), {
      apps: Array.from({ length: 20 }, (_, index) => ({
        ...worstApp,
        displayName: [unbroken, hostile, arabic, ''][index % 4] ?? '',
        role: index % 3 ? unbroken : null,
        clients: 1_000_000,
      })),
      next: hostile,
      invitations: [worstInvitation, { ...worstInvitation, invitedBy: null }],
    }),
  ),

  everyday('app-new', (brand) => appNew(frame(brand, here), { hasOpenApi: true })),
  everyday('app-new-problem', (brand) =>
    appNew(frame(brand, here), {
      hasOpenApi: false,
      values: { display_name: '', name: 'Acme!' },
      problems: {
        display_name: 'Enter a display name.',
        name: 'The name of an app has 2 to 40 lowercase letters and digits.',
      },
    }),
  ),
  one('app-new-extreme', (brand) =>
    appNew(frame(worst(brand), worstHere), {
      hasOpenApi: false,
      values: { display_name: hostile, name: unbroken },
      problem: `${hostile} ${unbroken}`,
    }),
  ),

  everyday('app-there', (brand) => appAlreadyCreated(frame(brand, here), { app: acme })),
  one('app-there-client', (brand) =>
    appAlreadyCreated(frame(brand, here), {
      app: acme,
      client: client('website', { kind: 'website' }),
    }),
  ),
  one('app-there-extreme', (brand) =>
    appAlreadyCreated(frame(worst(brand), worstHere), {
      app: worstApp,
      client: { ...worstClient, kind: 'server' },
    }),
  ),

  everyday('app-home', (brand) =>
    appHome(frame(brand, here), { app: acme, clients, usage, events: events.slice(0, 5) }),
  ),
  everyday('app-home-empty', (brand) =>
    appHome(frame(brand, here), { app: acme, clients: [], usage: noUsage, events: [] }),
  ),
  one('app-home-reader', (brand) =>
    appHome(frame(brand, here), {
      app: { ...asReader, disabledAt: ago(day) },
      clients: [],
      usage: { days: [], clients: [] },
      events: [],
    }),
  ),
  one('app-home-extreme', (brand) =>
    appHome(frame(worst(brand), worstHere), {
      app: worstApp,
      clients: [worstClient, ...clients, { ...worstClient, displayName: '' }],
      usage: worstUsage,
      events: worstEvents,
    }),
  ),

  everyday('app-client-new', (brand) =>
    appClientNew(frame(brand, here), {
      app: acme,
      roles,
      values: { kind: 'server', role: 'Reader' },
    }),
  ),
  everyday('app-client-new-problem', (brand) =>
    appClientNew(frame(brand, here), {
      app: acme,
      roles,
      values: {
        kind: 'website',
        name: '',
        display_name: 'Website',
        role: 'Editor',
        redirect_uris: 'http://www.example.com/',
      },
      problems: {
        name: 'The name of a client has 1 to 40 lowercase letters and digits.',
        redirect_uris: 'The redirect URI http://www.example.com/ must begin with https://.',
      },
    }),
  ),
  one('app-client-new-extreme', (brand) =>
    appClientNew(frame(worst(brand), worstHere), {
      app: worstApp,
      roles: worstRoles,
      values: {
        kind: hostile,
        name: unbroken,
        display_name: hostile,
        role: hostile,
        redirect_uris: `\n</textarea>${hostile}\n${unbroken}`,
      },
      problems: { kind: unbroken, role: hostile },
    }),
  ),
  one('app-client-new-empty', (brand) =>
    appClientNew(frame(brand, here), {
      app: acme,
      roles: [],
      problem: 'There is no role to give.',
    }),
  ),

  everyday('app-client-created', (brand) =>
    appClientCreated(frame(brand, copied), {
      app: acme,
      client: first,
      created: 'app',
      secret: 'writ_cs_9qVx2LrT0sYb7Hn4Kd8WmZc3Pf6GjAe1',
      connect: {
        ...connect,
        snippets: {
          ...snippets,
          curl: snippets.curl?.replace(
            'YOUR_CLIENT_SECRET',
            'writ_cs_9qVx2LrT0sYb7Hn4Kd8WmZc3Pf6GjAe1',
          ),
          env: snippets.env?.replace(
            'YOUR_CLIENT_SECRET',
            'writ_cs_9qVx2LrT0sYb7Hn4Kd8WmZc3Pf6GjAe1',
          ),
        },
      },
    }),
  ),
  everyday('app-client-created-public', (brand) =>
    appClientCreated(frame(brand, copied), {
      app: asDeveloper,
      client: client('website', { displayName: 'Website', kind: 'website', role: 'Editor' }),
      created: 'client',
      connect,
    }),
  ),
  one('app-client-created-extreme', (brand) =>
    appClientCreated(frame(worst(brand), worstCopied), {
      app: worstApp,
      client: worstClient,
      created: 'secret',
      secret: unbroken,
      connect: worstConnect,
    }),
  ),
  one('app-client-created-little', (brand) =>
    appClientCreated(frame(brand, copied), {
      app: acme,
      client: first,
      created: 'secret',
      secret: 'x',
    }),
  ),

  everyday('app-client', (brand) =>
    appClient(frame(brand, told('The client is saved.')), settings),
  ),
  everyday('app-client-website', (brand) => appClient(frame(brand, here), websiteSettings)),
  everyday('app-client-reader', (brand) =>
    appClient(frame(brand, here), { ...websiteSettings, app: asReader, mayManage: false }),
  ),
  one('app-client-sign-in', (brand) =>
    appClient(frame(brand, here), {
      ...websiteSettings,
      client: { ...websiteSettings.client, signIn: strictSignIn, firstParty: true },
      values: { ask_again: 'soon' },
      problems: { ask_again: 'The age of a sign-in must be a whole number of seconds above zero.' },
    }),
  ),
  one('app-client-sign-in-reader', (brand) =>
    appClient(frame(brand, here), {
      ...websiteSettings,
      app: asReader,
      client: { ...websiteSettings.client, signIn: strictSignIn, firstParty: true },
      mayManage: false,
    }),
  ),
  one('app-client-strict', (brand) =>
    appClient(frame(brand, here), {
      ...websiteSettings,
      client: {
        ...websiteSettings.client,
        kind: 'website_with_server',
        security: {
          profile: 'fapi2',
          jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'one' }] },
          requirePushedRequests: true,
          dpopBound: true,
        },
      },
      secrets: undefined,
      problems: { jwks: 'jwks needs a key for PS256, ES256 or EdDSA.' },
    }),
  ),
  one('app-client-disabled', (brand) =>
    appClient(frame(brand, here), {
      ...settings,
      client: { ...settings.client, disabledAt: ago(day), disabledBy: 'member' },
      secrets: [],
      mayAddSecret: true,
      tokenFormats: [],
      longestAccessTokenTtl: null,
      values: { lifetime: '1', lifetime_unit: '60' },
      problems: {
        lifetime: 'The lifetime of access tokens must be between 60 and 3600 seconds.',
        calls_limit: 'A limit must be a whole number above zero.',
      },
    }),
  ),
  one('app-client-disabled-by-operator', (brand) =>
    appClient(frame(brand, here), {
      ...settings,
      client: { ...settings.client, disabledAt: ago(day), disabledBy: 'operator' },
    }),
  ),
  one('app-client-unnamed', (brand) =>
    appClient(frame(brand, here), {
      ...settings,
      client: { ...settings.client, displayName: acme.displayName },
    }),
  ),
  one('app-client-extreme', (brand) =>
    appClient(frame(worst(brand), worstHere), {
      ...settings,
      app: worstApp,
      client: {
        ...settings.client,
        ...worstClient,
        redirectUris: Array.from({ length: 20 }, () => `https://example.com/${unbroken}`),
        accessTokenTtl: 61,
      },
      roles: worstRoles,
      secrets: settings.secrets?.map((secret) => ({
        ...secret,
        hint: secret.id === 's1' ? null : hostile,
        createdBy: { name: secret.id === 's1' ? '' : `${hostile} ${unbroken}` },
        expiresAt: ahead(day),
      })),
      problem: `${hostile} ${unbroken}`,
    }),
  ),
  one('app-client-extreme-reader', (brand) =>
    appClient(frame(worst(brand), worstHere), {
      ...settings,
      app: { ...worstApp, manages: 'clients' },
      client: {
        ...settings.client,
        ...worstClient,
        redirectUris: [`https://example.com/${unbroken}`, hostile],
      },
      mayManage: false,
      roles: [],
    }),
  ),

  everyday('app-api-keys', (brand) => appApiKeys(frame(brand, copied), apiKeys)),
  everyday('app-api-keys-none', (brand) =>
    appApiKeys(frame(brand, copied), { ...apiKeys, keys: [] }),
  ),
  one('app-api-keys-problem', (brand) =>
    appApiKeys(frame(brand, copied), {
      ...apiKeys,
      values: { name: '', may: 'read', expiry: 'date', expiry_date: '2020-01-01' },
      problems: { name: 'Enter a name.', expiry: 'Choose a time in the future.' },
    }),
  ),
  one('app-api-keys-looking', (brand) =>
    appApiKeys(frame(brand, copied), { ...apiKeys, app: asDeveloper, mayManage: false }),
  ),
  one('app-api-keys-reader', (brand) =>
    appApiKeys(frame(brand, copied), {
      ...apiKeys,
      app: asReader,
      mayManage: false,
      keys: undefined,
    }),
  ),
  one('app-api-keys-extreme', (brand) =>
    appApiKeys(frame(worst(brand), worstCopied), {
      ...apiKeys,
      app: worstApp,
      client: { ...worstClient, kind: 'server' },
      keys: worstKeys,
      snippets: {
        key: hostile,
        curl: { create: hostile, use: unbroken, list: arabic, revoke: unbroken },
        node: unbroken,
        python: hostile,
        go: unbroken,
      },
      values: { name: unbroken },
      problems: { name: unbroken },
    }),
  ),
  everyday('app-api-key', (brand) => appApiKey(frame(brand, here), apiKey)),
  everyday('app-api-key-regenerate', (brand) =>
    appApiKeyRegenerate(frame(brand, here), {
      ...apiKey,
      overlaps,
      idempotencyKey: 'once',
      values: { overlap: '7', expiry: 'date', expiry_date: '' },
      problems: { overlap: 'Choose when the old value stops working.', expiry: 'Choose a day.' },
    }),
  ),
  one('app-api-key-revoke', (brand) =>
    appApiKeyRevoke(frame(worst(brand), worstHere), {
      app: worstApp,
      client: worstClient,
      key: key(`${hostile} ${unbroken}`, { lastUsedAt: null }),
    }),
  ),
  one('app-api-key-replaced', (brand) =>
    appApiKey(frame(brand, here), { ...apiKey, key: replaced }),
  ),
  one('app-api-key-deleted', (brand) =>
    appApiKey(frame(brand, told('The API key is deleted. It no longer works.')), {
      ...apiKey,
      key: key('Old shop', { status: 'revoked', revokedAt: ago(2 * day), lastUsedAt: null }),
    }),
  ),
  one('app-api-key-extreme', (brand) =>
    appApiKey(frame(worst(brand), worstHere), {
      ...apiKey,
      app: worstApp,
      client: { ...worstClient, kind: 'server' },
      key: key(`${hostile} ${unbroken}`, { hint: null, expiresAt: ahead(10) }),
      values: { name: `${hostile} ${unbroken}` },
      problems: { name: unbroken },
    }),
  ),
  everyday('app-api-key-created', (brand) =>
    appApiKeyCreated(frame(brand, copied), {
      app: acme,
      client: first,
      key: key('Billing'),
      value: 'writ_ak_0lwWcULoE0iqXT9GACoyHHT9Xm253iDzXTKeOYGom7n4po1YiZv4',
      snippets: tokenSnippets,
    }),
  ),
  one('app-api-key-regenerated', (brand) =>
    appApiKeyCreated(frame(brand, copied), {
      app: acme,
      client: first,
      key: key('Support desk', { scopes: scopesOf('tokens:read'), expiresAt: ahead(30 * day) }),
      value: 'writ_ak_0lwWcULoE0iqXT9GACoyHHT9Xm253iDzXTKeOYGom7n4po1YiZv4',
      replaced,
      snippets: undefined,
    }),
  ),

  everyday('app-connect', (brand) => appConnect(frame(brand, copied), connecting)),
  everyday('app-connect-trial', (brand) =>
    appConnect(frame(brand, copied), { ...connecting, trial }),
  ),
  everyday('app-connect-website', (brand) =>
    appConnect(frame(brand, copied), ofKind('website', ['https://www.example.com/callback'])),
  ),
  one('app-connect-website-with-server', (brand) =>
    appConnect(
      frame(brand, copied),
      ofKind('website_with_server', ['https://www.example.com/callback']),
    ),
  ),
  one('app-connect-native', (brand) =>
    appConnect(frame(brand, copied), {
      ...ofKind('native'),
      resources: [
        ...connecting.resources,
        { identifier: 'https://logs.example.com', name: 'Acme Logs' },
      ],
    }),
  ),
  everyday('app-connect-device', (brand) => appConnect(frame(brand, copied), ofKind('device'))),
  everyday('app-connect-closed', (brand) =>
    appConnect(frame(brand, copied), {
      ...connecting,
      connect: undefined,
      scopes: [],
      resources: [],
    }),
  ),
  one('app-connect-reader', (brand) =>
    appConnect(frame(brand, copied), {
      ...connecting,
      client: { ...connecting.client, role: 'Reader' },
      connect: { ...connect, scope: 'things:read' },
      example: { read: connecting.example?.read ?? '' },
    }),
  ),
  one('app-connect-extreme', (brand) =>
    appConnect(frame(worst(brand), worstCopied), {
      ...connecting,
      app: worstApp,
      client: {
        ...worstClient,
        kind: 'server',
        disabledAt: null,
        disabledBy: null,
        redirectUris: [],
      },
      resources: Array.from({ length: 12 }, (_, index) => ({
        identifier: `${worstConnect.resource}${index}`,
        name: [unbroken, hostile, arabic, ''][index % 4] ?? '',
      })),
      scopes: [
        { name: hostile, description: arabic },
        { name: unbroken, description: unbroken },
      ],
      connect: worstConnect,
      trial: {
        response: { access_token: unbroken.repeat(6), token_type: 'Bearer', expires_in: 61 },
        introspection: { [hostile]: [unbroken, { [unbroken]: arabic }] },
        jwt: { header: { alg: hostile }, payload: { roles: [unbroken] } },
      },
      example: { read: unbroken, write: hostile },
      problem: unbroken,
    }),
  ),
  one('app-connect-extreme-native', (brand) =>
    appConnect(frame(worst(brand), worstCopied), {
      ...connecting,
      client: { ...worstClient, redirectUris: [`https://example.com/'\\${unbroken}`] },
      connect: worstConnect,
      isStrict: false,
      mayTry: false,
    }),
  ),

  everyday('app-members', (brand) =>
    appMembers(frame(brand, here), { app: acme, you: 'a1', members, roles, invitations: pending }),
  ),
  everyday('app-members-reader', (brand) =>
    appMembers(frame(brand, here), {
      app: asReader,
      you: 'a3',
      members,
      roles,
      invitations: pending,
    }),
  ),
  everyday('app-member-removal', (brand) =>
    appMemberRemoval(frame(brand, here), {
      app: acme,
      member: { accountId: 'a2', name: 'Grace Hopper', email: 'grace@example.com' },
      self: false,
      credentials: created,
    }),
  ),
  one('app-member-removal-own', (brand) =>
    appMemberRemoval(frame(brand, here), {
      app: asDeveloper,
      member: { accountId: 'a2', name: 'Grace Hopper', email: null },
      self: true,
      credentials: created.slice(0, 1),
    }),
  ),
  one('app-member-removal-extreme', (brand) =>
    appMemberRemoval(frame(worst(brand), worstHere), {
      app: worstApp,
      member: { accountId: 'a2', name: `${hostile} ${unbroken}`, email: null },
      self: false,
      credentials: created.map((credential) => ({
        ...credential,
        client: unbroken,
        name: `${hostile} ${unbroken}`,
        hint: credential.kind === 'api_key' ? hostile : null,
      })),
    }),
  ),
  one('app-members-alone', (brand) =>
    appMembers(frame(brand, here), {
      app: acme,
      you: 'a1',
      members: members.slice(0, 1),
      roles,
      invitations: [],
      invite: { email: 'ada@', role: 'Reader' },
      problems: { email: 'Enter an email address.', role: 'Choose a role.' },
    }),
  ),
  one('app-members-extreme', (brand) =>
    appMembers(frame(worst(brand), worstHere), {
      app: worstApp,
      you: 'a1',
      members: worstMembers,
      roles: worstRoles,
      invitations: [
        { ...worstInvitation, createdAt: now },
        { ...worstInvitation, createdAt: now, invitedBy: null },
      ],
      problem: unbroken,
    }),
  ),

  everyday('app-invited', (brand) =>
    appInvited(frame(brand, copied), {
      app: acme,
      invitation: { email: 'alan@example.com', role: 'Editor', expiresAt: ahead(14 * day) },
      link: 'https://login.acme.example/apps/invitations/writ_inv_7Ks0QmXe4TnBv2Yd9RhLw5Zc',
    }),
  ),
  one('app-invited-extreme', (brand) =>
    appInvited(frame(worst(brand), worstCopied), {
      app: worstApp,
      invitation: worstInvitation,
      link: `https://${unbroken}.example/${unbroken}`,
    }),
  ),

  everyday('app-invitation', (brand) =>
    appInvitation(frame(brand, here), { invitation, wrongAccount: false }),
  ),
  everyday('app-invitation-elsewhere', (brand) =>
    appInvitation(frame(brand, here), {
      invitation: { ...invitation, email: 'augusta@example.com', roleDescription: '' },
      wrongAccount: true,
    }),
  ),
  one('app-invitation-extreme', (brand) =>
    appInvitation(frame(worst(brand), worstHere), {
      invitation: worstInvitation,
      wrongAccount: false,
      problem: unbroken,
    }),
  ),
  one('app-invitation-little', (brand) =>
    appInvitation(frame(brand, here), {
      invitation: {
        ...invitation,
        app: { name: 'x', displayName: '' },
        roleDescription: '',
        invitedBy: null,
      },
      wrongAccount: true,
    }),
  ),
  everyday('app-invitation-gone', (brand) => appInvitationGone(frame(brand, here), {})),

  everyday('app-roles', (brand) =>
    appRoles(frame(brand, here), {
      app: acme,
      roles,
      tried: { permission: 'things.write', roles: ['Owner', 'Developer', 'Editor', 'Importer'] },
    }),
  ),
  one('app-roles-reader', (brand) =>
    appRoles(frame(brand, here), { app: asReader, roles: roles.slice(0, 4) }),
  ),
  one('app-roles-extreme', (brand) =>
    appRoles(frame(worst(brand), worstHere), {
      app: worstApp,
      roles: worstRoles,
      tried: { permission: unbroken, roles: [], problem: `${hostile} ${unbroken}` },
    }),
  ),
  one('app-roles-extreme-tried', (brand) =>
    appRoles(frame(worst(brand), worstHere), {
      app: worstApp,
      roles: worstRoles,
      tried: { permission: hostile, roles: worstRoles.map(({ name }) => name) },
    }),
  ),

  everyday('app-role-new', (brand) => appRoleEdit(frame(brand, here), { app: acme })),
  everyday('app-role-edit', (brand) =>
    appRoleEdit(frame(brand, here), {
      app: acme,
      role: importer,
      values: { permissions: 'things.\nlogs.write' },
      problems: {
        permissions:
          '"things." is not a permission. A permission is names separated by dots, such as things.read, things.* or things.read|write.',
      },
    }),
  ),
  one('app-role-edit-extreme', (brand) =>
    appRoleEdit(frame(worst(brand), worstHere), {
      app: worstApp,
      role: { ...importer, name: unbroken, description: hostile, permissions: [`</textarea>`] },
      problem: unbroken,
    }),
  ),

  everyday('app-activity', (brand) =>
    appActivity(frame(brand, here), { app: acme, events, next: '17', newest: true, usage }),
  ),
  one('app-activity-older', (brand) =>
    appActivity(frame(brand, here), { app: acme, events, next: null, newest: false, usage }),
  ),
  one('app-activity-empty', (brand) =>
    appActivity(frame(brand, here), {
      app: asReader,
      events: [],
      next: null,
      newest: true,
      usage: noUsage,
    }),
  ),
  one('app-activity-extreme', (brand) =>
    appActivity(frame(worst(brand), worstHere), {
      app: worstApp,
      events: worstEvents,
      next: hostile,
      newest: true,
      usage: worstUsage,
    }),
  ),

  everyday('app-settings', (brand) =>
    appSettings(frame(brand, here), {
      app: { ...acme, createdAt: ago(40 * day) },
      clients,
      members: 3,
      roles: ['Importer'],
    }),
  ),
  everyday('app-settings-delete', (brand) =>
    appSettings(frame(brand, here), {
      app: { ...acme, createdAt: ago(40 * day), disabledAt: ago(day) },
      clients,
      members: 1,
      roles: [],
      problems: { name: 'Type the name of the app to delete it: acme' },
    }),
  ),
  one('app-settings-reader', (brand) =>
    appSettings(frame(brand, here), {
      app: { ...asReader, createdAt: now },
      clients: [],
      members: 1,
      roles: [],
    }),
  ),
  one('app-settings-extreme', (brand) =>
    appSettings(frame(worst(brand), worstHere), {
      app: { ...worstApp, createdAt: now },
      clients: [worstClient, worstClient],
      members: 500,
      roles: worstRoles.map(({ name }) => name),
      values: { display_name: unbroken },
      problem: hostile,
    }),
  ),
];
