// The pages of the console about clients.

import { adminClientConnect, type ClientConnectProps } from '../../views/admin/client-connect.ts';
import {
  type AdminClient,
  adminClient,
  adminClientNew,
  adminClientSecret,
  adminClients,
  type ClientProps,
} from '../../views/admin/clients.ts';
import { here } from './admin-cases.ts';
import { snippets, trial } from './app-cases/connect.ts';
import {
  ago,
  type Case,
  day,
  everyday,
  frame,
  hostile,
  hour,
  long,
  one,
  unbroken,
  worst,
} from './case.ts';

const billing: AdminClient = {
  clientId: 'billing',
  name: 'Billing service',
  kind: 'Service',
  app: null,
  origin: null,
  roles: ['reader'],
  resources: ['https://api.example.com'],
  resourceServerFor: [],
  redirectUris: [],
  scope: null,
  authentication: 'With a secret',
  grantTypes: ['client_credentials'],
  disabledAt: null,
  createdAt: ago(90 * day),
};

const website: AdminClient = {
  ...billing,
  clientId: 'acme:website',
  name: null,
  kind: 'Website with a server',
  app: 'acme',
  redirectUris: ['https://acme.example.com/callback'],
  scope: 'things:read things:write',
  grantTypes: ['authorization_code', 'refresh_token'],
  disabledAt: ago(day),
};

const connecting: ClientConnectProps = {
  client: {
    clientId: 'billing',
    name: 'Billing service',
    kindInWords: 'Service',
    kind: 'server',
    disabledAt: null,
  },
  resources: [
    { identifier: 'https://api.example.com', name: 'Things' },
    { identifier: 'https://maps.example.com', name: 'Maps' },
  ],
  scopes: [
    { name: 'things:read', description: 'See your things' },
    { name: 'things:write', description: 'Change your things' },
  ],
  connect: {
    resource: 'https://api.example.com',
    scope: 'things:read things:write',
    snippets: { ...snippets, device: undefined },
  },
  checking: undefined,
  isStrict: false,
  mayTry: true,
};

const checking = {
  env: 'OAUTH_ISSUER=https://login.acme.example\nOAUTH_CLIENT_ID=things-api',
  curl: 'curl -s https://login.acme.example/connect/introspect \\\n  -d client_id=things-api \\\n  -d "token=$TOKEN"',
  node: "import { createGuard } from 'writ-sdk/resource-server';",
};

const copied = { ...here, copies: true };

const extreme: AdminClient = {
  ...billing,
  clientId: long('c', 100),
  name: `${hostile} ${unbroken}`,
  origin: 'It registered itself',
  resources: [`https://${unbroken}.test`],
  resourceServerFor: [`https://${unbroken}.test`],
  redirectUris: [`https://${unbroken}.test/${unbroken}`],
  scope: unbroken,
};

const choices = {
  resources: [
    {
      value: 'https://api.example.com',
      label: 'Things',
      description: 'https://api.example.com',
      checked: true,
    },
  ],
  roles: [
    { value: 'reader', label: 'reader', description: 'Reads', checked: true },
    { value: 'writer', label: 'writer', description: '', checked: false },
  ],
};

const kinds = [
  { value: 'server', label: 'Service', description: 'A program that calls APIs for itself.' },
  { value: 'website', label: 'Website', description: 'People sign in.' },
];

const whole: ClientProps = {
  ...choices,
  client: billing,
  key: 'key',
  refusals: [
    {
      error: 'invalid_client',
      reason: 'invalid secret provided',
      address: '10.0.0.7',
      at: ago(90),
    },
    { error: '', reason: 'the redirect URI is not registered', address: null, at: ago(day) },
  ],
  secrets: [
    { id: 's1', hint: 'x7Qd', createdAt: ago(90 * day), lastUsedAt: ago(hour), expiresAt: null },
    { id: 's2', hint: null, createdAt: ago(hour), lastUsedAt: null, expiresAt: ago(-30 * day) },
  ],
};

const pages = { next: '/admin/clients?after=x', first: undefined };

export const adminClientsCases: Case[] = [
  everyday('admin-clients', (brand) =>
    adminClients(frame(brand, here), { clients: [website, billing], filter: {}, pages }),
  ),
  one('admin-clients-nothing', (brand) =>
    adminClients(frame(brand, here), {
      clients: [],
      filter: { search: 'x' },
      pages: { next: undefined, first: undefined },
    }),
  ),
  one('admin-clients-extreme', (brand) =>
    adminClients(frame(worst(brand), here), {
      clients: [extreme],
      filter: { search: unbroken },
      pages,
    }),
  ),
  everyday('admin-client-new', (brand) =>
    adminClientNew(frame(brand, here), { ...choices, kinds, key: 'key' }),
  ),
  one('admin-client-new-refused', (brand) =>
    adminClientNew(frame(brand, here), {
      kinds,
      key: 'key',
      resources: [],
      roles: [],
      values: { kind: 'website' },
      problems: { redirect_uris: 'Must have one.', client_id: 'Is in use.' },
    }),
  ),
  everyday('admin-client-created', (brand) =>
    adminClientSecret(frame(brand, { ...here, copies: true }), {
      clientId: 'billing',
      secret: `writ_cs_${long('x', 49)}`,
      isNew: true,
    }),
  ),
  everyday('admin-client-connect', (brand) => adminClientConnect(frame(brand, copied), connecting)),
  everyday('admin-client-connect-trial', (brand) =>
    adminClientConnect(frame(brand, copied), { ...connecting, trial }),
  ),
  everyday('admin-client-connect-api', (brand) =>
    adminClientConnect(frame(brand, copied), {
      ...connecting,
      client: {
        ...connecting.client,
        name: 'Things API',
        kindInWords: 'API',
        kind: undefined,
        disabledAt: ago(day),
      },
      resources: [],
      scopes: [],
      connect: undefined,
      checking,
    }),
  ),
  one('admin-client-connect-extreme', (brand) =>
    adminClientConnect(frame(brand, copied), {
      ...connecting,
      client: { ...connecting.client, clientId: long('c', 100), name: unbroken },
      resources: [{ identifier: `https://${unbroken}.test`, name: '' }, ...connecting.resources],
      scopes: [{ name: unbroken, description: hostile }],
      isStrict: true,
      problem: 'The client is disabled. Enable it first.',
    }),
  ),
  everyday('admin-client', (brand) => adminClient(frame(brand, here), whole)),
  one('admin-client-of-app', (brand) =>
    adminClient(frame(brand, here), { ...whole, client: website, secrets: null }),
  ),
  one('admin-client-extreme', (brand) =>
    adminClient(frame(worst(brand), here), {
      ...whole,
      client: extreme,
      secrets: [],
      problem: unbroken,
    }),
  ),
];
