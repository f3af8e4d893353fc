// The pages of the console about identity providers, cross-app access, and streams of Shared Signals.
import {
  type CrossAppShown,
  crossAppAccess,
  crossAppAccesses,
  crossAppNew,
} from '../../views/admin/cross-app-access.ts';
import {
  identityProvider,
  identityProviderNew,
  identityProviders,
  type ProviderShown,
} from '../../views/admin/identity-providers.ts';
import { type StreamShown, signalStream, signalStreams } from '../../views/admin/signal-streams.ts';
import { here } from './admin-cases.ts';
import {
  ago,
  ahead,
  type Case,
  day,
  everyday,
  frame,
  hostile,
  hour,
  minute,
  one,
  unbroken,
  worst,
} from './case.ts';

const google: ProviderShown = {
  id: 'google',
  name: 'Google',
  kind: 'oidc',
  issuer: 'https://accounts.google.com',
  clientId: '1234.apps.googleusercontent.com',
  hasClientSecret: true,
  scopes: ['openid', 'profile', 'email'],
  domains: ['acme.com', 'acme.org'],
  createsAccounts: true,
  allowedDomains: ['acme.com'],
  roleRules: [{ claim: 'groups', value: 'editors', roles: ['editor', 'reader'] }],
  updatesProfile: true,
  trustsEmail: true,
  trustsSecondFactor: false,
  signsOut: false,
  privateNetwork: false,
  enabled: true,
  redirectUri: 'https://login.example.com/sign-in/with/google/callback',
  postLogoutRedirectUri: 'https://login.example.com/sign-in/with/google/signed-out',
  backchannelLogoutUri: 'https://login.example.com/sign-in/with/google/logout',
  createdAt: ago(90 * day),
  version: '1',
};
const github: ProviderShown = {
  ...google,
  id: 'github',
  name: 'GitHub',
  kind: 'github',
  issuer: 'https://github.com',
  domains: [],
  roleRules: [],
  enabled: false,
};
const extremeProvider: ProviderShown = {
  ...google,
  name: `${hostile} ${unbroken}`,
  issuer: `https://${unbroken}.test`,
  clientId: unbroken,
  domains: [`${unbroken}.test`],
  redirectUri: `https://${unbroken}.test`,
  roleRules: [{ claim: unbroken, value: hostile, roles: [unbroken] }],
};
const used = { accounts: 1_204, dependent: 37, lastUsedAt: ago(12 * minute) };
const unused = { accounts: 0, dependent: 0, lastUsedAt: null };

const chat: CrossAppShown = {
  id: 'assistant-at-chat',
  client: 'assistant',
  audience: 'https://login.chat.example',
  clientIdThere: 'f53f191f',
  ssoClient: null,
  resources: ['https://mcp.chat.example'],
  scopes: ['chat.read', 'chat.write'],
  roles: ['staff'],
  email: true,
  lifetime: 300,
  enabled: true,
  createdAt: ago(3 * day),
  version: '1',
};
const extremeAccess: CrossAppShown = {
  ...chat,
  id: unbroken,
  client: unbroken,
  audience: `https://${unbroken}.test`,
  resources: [`https://${unbroken}.test`],
  scopes: [unbroken],
  enabled: false,
};

const pushed: StreamShown = {
  id: 'kq3ZLxHc0gq5m0b4m1m9Tw',
  client: 'things-api',
  endpointUrl: 'https://things.example.com/events',
  eventsRequested: null,
  description: 'Things in production',
  status: 'enabled',
  reason: null,
  waiting: 0,
  waitingSince: null,
  failingSince: null,
  nextAttemptAt: ago(1),
  createdAt: ago(40 * day),
};
const failing: StreamShown = {
  ...pushed,
  id: 'failing',
  waiting: 1_000,
  waitingSince: ago(5 * hour),
  failingSince: ago(5 * hour),
  nextAttemptAt: ahead(12 * minute),
};
const polled: StreamShown = {
  ...pushed,
  id: 'polled',
  client: 'orders-api',
  description: null,
  endpointUrl: null,
  eventsRequested: ['https://schemas.openid.net/secevent/caep/event-type/session-revoked'],
  status: 'paused',
  reason: 'The receiver is being moved.',
  waiting: 1,
  waitingSince: ago(minute),
};
const extremeStream: StreamShown = {
  ...failing,
  description: `${hostile} ${unbroken}`,
  client: unbroken,
  endpointUrl: `https://${unbroken}.test`,
  eventsRequested: [unbroken],
  status: 'disabled',
  reason: unbroken,
};

export const adminOtherServersCases: Case[] = [
  everyday('admin-providers', (brand) =>
    identityProviders(frame(brand, here), { providers: [google, github], mayChange: true }),
  ),
  one('admin-providers-empty', (brand) =>
    identityProviders(frame(brand, here), { providers: [], mayChange: false }),
  ),
  everyday('admin-provider-new', (brand) =>
    identityProviderNew(frame(brand, here), { presets: [{ id: 'google', name: 'Google' }] }),
  ),
  one('admin-provider-new-refused', (brand) =>
    identityProviderNew(frame(brand, here), {
      presets: [{ id: 'google', name: 'Google' }],
      values: { id: 'Google' },
      problems: { id: 'Must have lower-case letters.', tenant: 'Name the tenant.' },
      problem: unbroken,
    }),
  ),
  everyday('admin-provider', (brand) =>
    identityProvider(frame(brand, here), { provider: google, use: used, mayChange: true }),
  ),
  one('admin-provider-seen', (brand) =>
    identityProvider(frame(brand, here), {
      provider: github,
      use: unused,
      mayChange: false,
      findings: [
        { status: 'ok', message: 'It answers.' },
        { status: 'failed', message: 'Its discovery document cannot be read.' },
      ],
    }),
  ),
  one('admin-provider-extreme', (brand) =>
    identityProvider(frame(worst(brand), here), {
      provider: extremeProvider,
      use: { accounts: 1, dependent: 1, lastUsedAt: null },
      mayChange: true,
      values: { name: unbroken },
      problems: { name: unbroken },
    }),
  ),
  everyday('admin-cross-app', (brand) =>
    crossAppAccesses(frame(brand, here), {
      accesses: [chat, { ...chat, id: 'assistant-at-files', roles: null, enabled: false }],
      mayChange: true,
    }),
  ),
  one('admin-cross-app-empty', (brand) =>
    crossAppAccesses(frame(brand, here), { accesses: [], mayChange: true }),
  ),
  everyday('admin-cross-app-new', (brand) =>
    crossAppNew(frame(brand, here), {
      values: { lifetime: '300' },
      problems: { audience: 'Must be an https URL.' },
    }),
  ),
  everyday('admin-cross-app-one', (brand) =>
    crossAppAccess(frame(brand, here), { access: chat, mayChange: true }),
  ),
  one('admin-cross-app-extreme', (brand) =>
    crossAppAccess(frame(worst(brand), here), { access: extremeAccess, mayChange: false }),
  ),
  everyday('admin-streams', (brand) =>
    signalStreams(frame(brand, here), { streams: [pushed, failing, polled] }),
  ),
  one('admin-streams-empty', (brand) => signalStreams(frame(brand, here), { streams: [] })),
  everyday('admin-stream-failing', (brand) =>
    signalStream(frame(brand, here), { stream: failing }),
  ),
  one('admin-stream-paused', (brand) => signalStream(frame(brand, here), { stream: polled })),
  one('admin-stream-extreme', (brand) =>
    signalStream(frame(worst(brand), here), { stream: extremeStream, problem: unbroken }),
  ),
];
