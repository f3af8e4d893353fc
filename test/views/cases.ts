// Every page, as it is every day, at its worst, and with next to nothing on it.

import { qrCode } from '../../src/web/framework/qr.ts';
import { authenticatorRemoval, authenticatorSetUp } from '../../views/account/authenticator.ts';
import { type AccountConnectedProps, accountConnected } from '../../views/account/connected.ts';
import { accountDelete } from '../../views/account/delete.ts';
import { emailLinkGone, emailVerified, verifyEmail } from '../../views/account/email.ts';
import { accountHome } from '../../views/account/home.ts';
import { connectIdentity, identitiesSection } from '../../views/account/identities.ts';
import {
  accountPasskey,
  accountPasskeyNew,
  accountPasskeys,
  type PasskeyShown,
  passkeysSection,
} from '../../views/account/passkeys.ts';
import { accountPassword } from '../../views/account/password.ts';
import {
  recoveryCodesReplacement,
  recoveryCodesShown,
} from '../../views/account/recovery-codes.ts';
import {
  accountSecurity,
  authenticatorSection,
  passwordSection,
  recoveryCodesSection,
  rememberedBrowsersSection,
} from '../../views/account/security.ts';
import { registeredClientCreated, registeredClients } from '../../views/clients/registered.ts';
import { type DeviceConfirmProps, deviceConfirm } from '../../views/device/confirm.ts';
import { deviceEnter } from '../../views/device/enter.ts';
import {
  deviceAnswered,
  deviceApproved,
  deviceDenied,
  deviceExpired,
} from '../../views/device/outcome.ts';
import type { Brand } from '../../views/layout/frame.ts';
import { message } from '../../views/layout/message.ts';
import { enrolRecoveryCodes, signInEnrol } from '../../views/sign-in/enrol.ts';
import { signInFactor } from '../../views/sign-in/factor.ts';
import {
  factorsResetGone,
  factorsResetStopped,
  stopFactorsReset,
} from '../../views/sign-in/factors-reset.ts';
import { invitation, invitationGone } from '../../views/sign-in/invitation.ts';
import { providerProblem, unknownIdentity } from '../../views/sign-in/providers.ts';
import {
  register,
  registerSent,
  registration,
  registrationGone,
  registrationWaits,
} from '../../views/sign-in/register.ts';
import { signIn, signInPaused } from '../../views/sign-in/sign-in.ts';
import { confirmSignOut, signedOut } from '../../views/sign-in/sign-out.ts';
import { adminAppsCases } from './admin-apps-cases.ts';
import { adminAuditCases } from './admin-audit-cases.ts';
import { adminCases } from './admin-cases.ts';
import { adminClientsCases } from './admin-clients-cases.ts';
import { adminHomeCases } from './admin-home-cases.ts';
import { adminKeysCases } from './admin-keys-cases.ts';
import { adminOtherServersCases } from './admin-other-servers-cases.ts';
import { adminPeopleCases } from './admin-people-cases.ts';
import { adminResourcesCases } from './admin-resources-cases.ts';
import { adminRolesCases } from './admin-roles-cases.ts';
import { adminTokensCases } from './admin-tokens-cases.ts';
import { appCases } from './app-cases.ts';
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
  one,
  signedIn,
  unbroken,
  worst,
} from './case.ts';
import { consentCases } from './consent-cases.ts';
import { languageCases } from './language-cases.ts';
import { recoveryCases } from './recovery-cases.ts';
import { tokenCases } from './token-cases.ts';

/** A brand whose people accept terms when they register. */
const withTerms = (brand: Brand): Brand => ({
  ...brand,
  links: {
    ...brand.links,
    termsUrl: 'https://acme.test/terms',
    privacyUrl: 'https://acme.test/privacy',
  },
});

const noProfile = {
  name: '',
  given_name: '',
  family_name: '',
  nickname: '',
  picture: '',
  locale: '',
  zoneinfo: '',
  phone_number: '',
};

const passkeyShown = (name: string, more: Partial<PasskeyShown> = {}): PasskeyShown => ({
  id: '0191d6a4-0000-7000-8000-000000000000',
  credentialId: 'AAAA',
  name,
  isVerified: true,
  isSynced: false,
  addedAt: ago(75 * day),
  lastUsedAt: null,
  ...more,
});

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36';
const safari =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';

const request: DeviceConfirmProps['request'] = {
  userCode: 'BCDF-GHJK',
  clientName: 'Acme CLI',
  clientUri: 'https://cli.acme.example/about',
  scopes: [
    { name: 'openid', description: 'Identify you by your account ID', resource: '' },
    {
      name: 'db:read',
      description: 'Read your databases and what is in them',
      resource: 'Acme API',
    },
    { name: 'db:write', description: 'Change your databases', resource: 'Acme API' },
    { name: 'logs:read', description: 'Read the logs of your apps', resource: 'Acme Logs' },
  ],
  details: [],
  asksForEverything: false,
  scopesBeyondRole: [],
  device: { userAgent: 'curl/8.5.0', ip: '203.0.113.7' },
  requestedAt: ago(3 * minute),
  expiresAt: ahead(12 * minute),
  lifetimes: [365 * day, 30 * day, day],
};

/** As a command line asks that names no client, with the same thing twice. */
const datasetteRequest: DeviceConfirmProps['request'] = {
  ...request,
  clientName: 'Datasette command line',
  clientUri: undefined,
  scopes: [],
  details: [
    'See the start page, with the database db1',
    'Read the rows of every table of db1',
    'See what is in the database db1',
    'Run every saved query of db1',
    'Run any SQL that reads the database db1',
    'Read the rows of every table of db1',
    'Insert rows into the table dogs of db3',
  ].map((description) => ({ description, resource: 'Datasette' })),
  device: { userAgent: 'python-httpx/0.28.1', ip: '203.0.113.7' },
  lifetimes: [hour, 15 * minute, 8 * hour, day, 7 * day, 30 * day],
};

const scopes = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    name: `scope:${index}`,
    description:
      index % 3 === 0
        ? `Read, change and delete everything there is of kind number ${index}, wherever it is kept`
        : index % 3 === 1
          ? `${hostile} ${arabic}`
          : long('verylongword', 90),
    resource: ['', 'Acme API', hostile, unbroken, arabic][index % 5] ?? '',
  }));

const keyPairs: AccountConnectedProps['keyPairs'] = [
  {
    id: 'k1',
    clientId: '0f1e2d3c4b5a69788796a5b4c3d2e1f001234567',
    name: 'Bloq client keys',
    createdAt: ago(40 * day),
    lastUsedAt: ago(3 * hour),
  },
  {
    id: 'k2',
    clientId: '76543210ffeeddccbbaa99887766554433221100',
    name: 'Bloq client keys',
    createdAt: ago(hour),
    lastUsedAt: null,
  },
];

const agents: AccountConnectedProps['agents'] = [
  {
    clientId: 'invoices:sorter',
    clientName: 'Invoice sorter',
    purpose: 'Sorts incoming invoices and answers questions about them.',
    publisher: 'Acme',
    since: ago(3 * day),
    lastUsedAt: ago(hour),
    endedAt: null,
  },
  {
    clientId: 'calendar',
    clientName: 'Calendar helper',
    purpose: null,
    publisher: null,
    since: ago(20 * day),
    lastUsedAt: null,
    endedAt: ago(2 * day),
  },
];

const devices: AccountConnectedProps['devices'] = [
  {
    grantId: 'a1',
    clientName: 'Acme CLI',
    publisher: null,
    device: { userAgent: 'curl/8.5.0', ip: '203.0.113.7' },
    approvedAt: ago(40 * day),
    lastUsedAt: ago(3 * minute),
    expiresAt: ahead(325 * day),
    scopes: request.scopes,
    details: [],
    revokedBecause: null,
    revokedAt: null,
  },
  {
    grantId: 'a2',
    clientName: 'Television',
    publisher: null,
    device: { userAgent: 'AcmeTV/4.1 (Linux; armv8)', ip: '2001:db8:85a3:8d3:1319:8a2e:370:7348' },
    approvedAt: ago(2 * hour),
    lastUsedAt: null,
    expiresAt: ahead(30 * day),
    scopes: request.scopes.slice(1, 2),
    details: [],
    revokedBecause: null,
    revokedAt: null,
  },
];

const revokedLogins: AccountConnectedProps['revoked'] = [
  {
    grantId: 'a3',
    clientName: 'Backup robot',
    publisher: null,
    device: { userAgent: 'python-requests/2.32.3', ip: '198.51.100.23' },
    approvedAt: ago(90 * day),
    lastUsedAt: ago(2 * day),
    expiresAt: ahead(20 * day),
    scopes: request.scopes.slice(1, 3),
    details: [],
    revokedBecause: 'reuse',
    revokedAt: ago(2 * day),
  },
];

const connectedApps: AccountConnectedProps['apps'] = [
  {
    clientId: 'notebook',
    clientName: 'Acme Notebook',
    publisher: 'Grace Hopper',
    openHref: 'https://notes.acme.example/login?iss=https%3A%2F%2Flogin.acme.example',
    logins: [
      { grantId: 'a4', device: { userAgent: chrome, ip: '203.0.113.7' } },
      { grantId: 'a5', device: { userAgent: safari, ip: '203.0.113.8' } },
    ],
    allowedAt: ago(14 * day),
    lastUsedAt: ago(3 * minute),
    expiresAt: ahead(364 * day),
    scopes: request.scopes.slice(0, 2),
    details: [],
  },
  {
    clientId: 'calendar',
    clientName: 'Calendar',
    publisher: null,
    registeredItself: true,
    logins: [],
    allowedAt: ago(200 * day),
    lastUsedAt: null,
    expiresAt: null,
    scopes: request.scopes.slice(0, 1),
    details: [],
  },
];

const sessions = [
  {
    id: 's2',
    signedInAt: ago(9 * day),
    lastSeenAt: ago(2 * day),
    ip: '198.51.100.23',
    userAgent: safari,
    amr: ['hwk', 'user'],
    elsewhere: { at: ago(hour), ip: '198.51.100.20', userAgent: chrome },
    apps: [],
  },
  {
    id: 's1',
    signedInAt: ago(2 * hour),
    lastSeenAt: ago(20),
    ip: '203.0.113.7',
    userAgent: chrome,
    amr: ['pwd', 'otp'],
    elsewhere: null,
    apps: ['Acme Notes', 'Grafana'],
  },
];

const registered = [
  {
    clientId: 'xVImwU3rPhxclqcjMiAt',
    name: 'Acme Notebook',
    redirectUri: 'https://notebook.acme.example/callback',
    createdAt: ago(3 * day),
  },
  {
    clientId: 'a91kdLq0PhxclqcjMiAt',
    name: 'Dog counter',
    redirectUri: 'http://localhost:8000/back',
    createdAt: ago(2 * minute),
  },
];

export const cases: Case[] = [
  everyday('registered-clients', (brand) =>
    registeredClients(frame(brand, signedIn), { clients: registered, formKey: 'key' }),
  ),
  one('registered-clients-none', (brand) =>
    registeredClients(frame(brand, signedIn), { clients: [], formKey: 'key' }),
  ),
  one('registered-clients-extreme', (brand) =>
    registeredClients(frame(worst(brand), extremePerson), {
      clients: registered.map((client) => ({
        ...client,
        name: `${hostile} ${unbroken}`,
        redirectUri: `https://${long('sub.', 200)}example.com/`,
      })),
      formKey: hostile,
      editing: registered[0]?.clientId,
      values: { client_name: `${hostile} ${unbroken}`, redirect_uri: unbroken },
      problems: { redirect_uri: unbroken },
    }),
  ),
  one('registered-client-created', (brand) =>
    registeredClientCreated(frame(brand, signedIn), {
      client: registered[0] as (typeof registered)[number],
      secret: 'not a secret',
    }),
  ),
  everyday('sign-in', (brand) =>
    signIn(frame(brand), {
      returnTo: '/account',
      passkeys: { action: '/sign-in/passkey', rpId: 'localhost' },
    }),
  ),
  everyday('sign-in-problem', (brand) =>
    signIn(frame(brand), {
      returnTo: '/device',
      email: 'ada@example.com',
      problem: 'The email address or password is incorrect.',
      purpose: 'device',
    }),
  ),
  everyday('sign-in-app', (brand) =>
    signIn(frame(brand), {
      returnTo: '/consent/x',
      app: 'Acme Notebook',
      problems: { email: 'Enter your email address.', password: 'Enter your password.' },
    }),
  ),
  everyday('sign-in-again', (brand) =>
    signIn(frame(brand, signedIn), {
      returnTo: '/device',
      email: 'ada@example.com',
      again: true,
      purpose: 'device',
      passkeys: { action: '/sign-in/passkey/again', rpId: 'localhost' },
    }),
  ),
  one('sign-in-extreme', (brand) =>
    signIn(frame(worst(brand), extremePerson), {
      returnTo: `/"><script>`,
      email: unbroken,
      problem: `${hostile} ${unbroken}`,
      again: true,
      app: unbroken,
    }),
  ),
  everyday('sign-in-providers', (brand) =>
    signIn(frame(brand), {
      returnTo: '/account',
      passkeys: { action: '/sign-in/passkey', rpId: 'localhost' },
      providers: [
        { id: 'google', name: 'Google', isLast: false },
        { id: 'acme', name: 'Acme Login', isLast: false },
      ],
    }),
  ),
  everyday('sign-in-address', (brand) =>
    signIn(frame(brand), {
      returnTo: '/device',
      asksForAddress: true,
      providers: [
        { id: 'acme', name: 'Acme Login', isLast: true },
        { id: 'google', name: 'Google', isLast: false },
      ],
    }),
  ),
  everyday('provider-problem', (brand) =>
    providerProblem(frame(brand), {
      provider: 'Acme Login',
      outcome: 'unreachable',
      backHref: '/sign-in',
      isSignedIn: false,
    }),
  ),
  everyday('unknown-identity', (brand) =>
    unknownIdentity(frame(brand), {
      provider: 'Acme Login',
      shown: 'ada@acme.com',
      reason: 'has_account',
      connectHref: '/account/security/connect',
      backHref: '/sign-in',
    }),
  ),
  one('unknown-identity-extreme', (brand) =>
    unknownIdentity(frame(worst(brand)), {
      provider: unbroken,
      shown: `${hostile} ${unbroken}`,
      reason: 'has_account',
      connectHref: '/account/security/connect',
      backHref: '/sign-in',
    }),
  ),
  everyday('connect-identity', (brand) =>
    connectIdentity(frame(brand, signedIn), {
      provider: 'Acme Login',
      shown: 'ada@acme.com',
      account: 'ada@example.com',
    }),
  ),
  everyday('sign-in-registration', (brand) =>
    signIn(frame({ ...brand, registration: true }), {
      returnTo: '/device',
      purpose: 'device',
    }),
  ),
  everyday('register', (brand) =>
    register(frame(brand), { returnTo: '/account', signInHref: '/sign-in' }),
  ),
  everyday('register-app', (brand) =>
    register(frame(brand), {
      returnTo: '/consent/x',
      app: 'Acme Notebook',
      domains: ['acme.com', '*.acme.org'],
      needsApproval: true,
      problems: { email: 'Enter your email address.' },
      signInHref: '/sign-in',
    }),
  ),
  one('register-extreme', (brand) =>
    register(frame(worst(brand), extremePerson), {
      returnTo: hostile,
      app: unbroken,
      email: unbroken,
      domains: [unbroken],
      needsApproval: true,
      problem: `${hostile} ${unbroken}`,
      signInHref: '/sign-in',
    }),
  ),
  everyday('register-sent', (brand) => registerSent(frame(brand), { email: ada.email })),
  one('register-sent-extreme', (brand) =>
    registerSent(frame(worst(brand)), { email: `${hostile}${unbroken}` }),
  ),
  everyday('register-outbox', (brand) =>
    register(frame(brand), { returnTo: '/account', isOutbox: true, signInHref: '/sign-in' }),
  ),
  everyday('register-sent-outbox', (brand) =>
    registerSent(frame(brand), { email: ada.email, isOutbox: true }),
  ),
  everyday('registration', (brand) =>
    registration(frame(withTerms(brand)), { value: 'x', email: ada.email }),
  ),
  everyday('registration-problems', (brand) =>
    registration(frame(withTerms(brand)), {
      value: 'x',
      email: ada.email,
      name: ada.name,
      needsApproval: true,
      problems: {
        password: 'The password is too short. Use at least 10 characters.',
        repeat: 'The two passwords are different.',
        terms: 'Accept them to create an account.',
      },
    }),
  ),
  one('registration-extreme', (brand) =>
    registration(frame(worst(brand)), {
      value: hostile,
      email: unbroken,
      name: `${hostile} ${unbroken}`,
      problem: unbroken,
      problems: { name: unbroken },
    }),
  ),
  everyday('registration-waits', (brand) => registrationWaits(frame(brand))),
  everyday('registration-gone', (brand) => registrationGone(frame(brand))),
  one('sign-in-empty', (brand) => signIn(frame(brand), { returnTo: '', email: '', again: true })),

  everyday('invitation', (brand) =>
    invitation(frame(brand), {
      action: '/invitation',
      value: 'writ_inv_x',
      account: ada,
      hasPassword: false,
    }),
  ),
  everyday('invitation-problem', (brand) =>
    invitation(frame(brand), {
      action: '/sign-in/reset',
      value: 'writ_inv_x',
      account: ada,
      hasPassword: true,
      problems: {
        password: 'The password is too short. Use at least 10 characters.',
        repeat: 'The two passwords are different.',
      },
    }),
  ),
  one('invitation-extreme', (brand) =>
    invitation(frame(worst(brand), extremePerson), {
      action: '/invitation',
      value: hostile,
      account: { name: `${arabic} ${unbroken}`, email: hostile },
      hasPassword: false,
      problem: unbroken,
    }),
  ),
  one('invitation-empty', (brand) =>
    invitation(frame(brand), {
      action: '/invitation',
      value: '',
      account: { name: 'A', email: null },
      hasPassword: true,
    }),
  ),
  everyday('email-verify', (brand) =>
    verifyEmail(frame(brand), { value: 'x', name: ada.name, email: ada.email }),
  ),
  everyday('email-verified', (brand) => emailVerified(frame(brand))),
  everyday('email-gone', (brand) => emailLinkGone(frame(brand))),
  one('email-verify-extreme', (brand) =>
    verifyEmail(frame(worst(brand)), {
      value: hostile,
      name: hostile,
      email: unbroken,
      problem: unbroken,
    }),
  ),

  everyday('sign-in-enrol', (brand) =>
    signInEnrol(frame(brand), {
      returnTo: '/account',
      key: 'ABCD EFGH IJKL MNOP QRST UVWX YZ23 4567',
      sealed: 'x',
      qrCode: 'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=',
      passkeys: true,
    }),
  ),
  everyday('sign-in-enrol-codes', (brand) =>
    enrolRecoveryCodes(frame(brand), {
      codes: Array.from({ length: 10 }, () => 'abcde-fghjk-mnpqr'),
      returnTo: '/account',
    }),
  ),
  everyday('factors-reset', (brand) =>
    stopFactorsReset(frame(brand), { value: 'x', name: ada.name, dueAt: ahead(day) }),
  ),
  everyday('factors-reset-stopped', (brand) => factorsResetStopped(frame(brand))),
  everyday('factors-reset-gone', (brand) => factorsResetGone(frame(brand))),
  one('factors-reset-extreme', (brand) =>
    stopFactorsReset(frame(worst(brand)), {
      value: hostile,
      name: hostile,
      dueAt: ahead(day),
      problem: unbroken,
    }),
  ),
  everyday('account-delete', (brand) =>
    accountDelete(frame(brand, at('account')), { email: 'ada@example.com' }),
  ),
  everyday('account-delete-passwordless', (brand) =>
    accountDelete(frame(brand, at('account')), { email: 'ada@example.com', hasPassword: false }),
  ),
  everyday('account-delete-problem', (brand) =>
    accountDelete(frame(brand, at('account')), {
      email: 'ada@example.com',
      problems: { current: 'The current password is incorrect.' },
    }),
  ),
  everyday('sign-out', (brand) =>
    confirmSignOut(frame(brand), {
      person: 'ada@example.com',
      app: 'Acme Notes',
      fields: { client_id: 'notes' },
      meansAnother: false,
      stayHref: '/account',
    }),
  ),
  one('sign-out-extreme', (brand) =>
    confirmSignOut(frame(worst(brand)), {
      person: unbroken,
      app: hostile,
      meansAnother: true,
      fields: { state: hostile },
      stayHref: '/account',
    }),
  ),
  one('sign-out-empty', (brand) =>
    confirmSignOut(frame(brand), {
      person: '',
      meansAnother: false,
      fields: {},
      stayHref: '/account',
    }),
  ),
  everyday('signed-out', (brand) =>
    signedOut(frame(brand), {
      frames: [],
      app: { name: 'Acme Notes', url: 'https://notes.acme.example/bye' },
    }),
  ),
  one('signed-out-extreme', (brand) =>
    signedOut(frame(worst(brand)), { frames: [], app: { name: hostile, url: unbroken } }),
  ),
  one('signed-out-empty', (brand) => signedOut(frame(brand), { frames: [] })),
  everyday('sign-in-paused', (brand) => signInPaused(frame(brand), {})),
  everyday('invitation-gone', (brand) => invitationGone(frame(brand), {})),

  everyday('device-enter', (brand) => deviceEnter(frame(brand, signedIn), {})),
  everyday('device-enter-problem', (brand) =>
    deviceEnter(frame(brand, signedIn), {
      userCode: 'BCDF-GHJL',
      problem: 'This code is unknown or has expired. Compare it with the code on your device.',
    }),
  ),
  one('device-enter-extreme', (brand) =>
    deviceEnter(frame(worst(brand), extremePerson), { userCode: hostile, problem: unbroken }),
  ),

  everyday('device-confirm', (brand) =>
    deviceConfirm(frame(brand, signedIn), { request, sameAddress: true }),
  ),
  everyday('device-confirm-elsewhere', (brand) =>
    deviceConfirm(frame(brand, signedIn), {
      request: {
        ...request,
        lifetimes: [],
        scopes: request.scopes.slice(1, 2),
        device: { userAgent: 'node', ip: '198.51.100.23' },
      },
      sameAddress: false,
    }),
  ),
  everyday('device-confirm-beyond', (brand) =>
    deviceConfirm(frame(brand, signedIn), {
      request: { ...request, scopesBeyondRole: ['writ:clients:write', 'writ:keys'] },
      sameAddress: true,
    }),
  ),
  everyday('device-confirm-single-things', (brand) =>
    deviceConfirm(frame(brand, signedIn), { request: datasetteRequest, sameAddress: true }),
  ),
  everyday('device-confirm-everything', (brand) =>
    deviceConfirm(frame(brand, signedIn), {
      request: {
        ...datasetteRequest,
        scopes: [
          {
            name: 'unrestricted',
            description: 'Do everything that you may do yourself',
            resource: 'Datasette',
          },
        ],
        details: [],
        asksForEverything: true,
      },
      sameAddress: true,
    }),
  ),
  everyday('device-confirm-missing-permission', (brand) =>
    deviceConfirm(frame(brand, signedIn), {
      request: { ...datasetteRequest, missingPermission: 'oauth-device-tokens' },
      sameAddress: true,
    }),
  ),
  one('device-confirm-extreme', (brand) =>
    deviceConfirm(frame(worst(brand), extremePerson), {
      request: {
        userCode: 'WWWW-MMMM',
        clientName: `${hostile} ${unbroken}`,
        app: long('app-', 40),
        clientUri: `https://${long('sub.', 200)}example.com/`,
        scopes: scopes(30),
        details: scopes(8),
        asksForEverything: true,
        scopesBeyondRole: [],
        device: { userAgent: unbroken.repeat(20), ip: '2001:db8:85a3:8d3:1319:8a2e:370:7348' },
        requestedAt: ago(5),
        expiresAt: ahead(20),
        lifetimes: [365 * day, 180 * day, 30 * day, 7 * day, day, hour, 90, 5400],
      },
      problem: unbroken,
      sameAddress: false,
    }),
  ),
  one('device-confirm-extreme-beyond', (brand) =>
    deviceConfirm(frame(worst(brand), extremePerson), {
      request: {
        ...request,
        clientName: arabic,
        scopesBeyondRole: scopes(30).map(({ description }) => description),
      },
      sameAddress: false,
    }),
  ),
  one('device-confirm-empty', (brand) =>
    deviceConfirm(frame(brand), {
      request: {
        ...request,
        clientName: 'x',
        clientUri: 'javascript:alert(1)',
        scopes: [],
        device: { userAgent: null, ip: null },
        lifetimes: [],
      },
      sameAddress: false,
    }),
  ),

  everyday('device-approved', (brand) =>
    deviceApproved(frame(brand, signedIn), { clientName: 'Acme CLI' }),
  ),
  everyday('device-denied', (brand) =>
    deviceDenied(frame(brand, signedIn), { clientName: 'Acme CLI' }),
  ),
  one('invitation-gone-signed-in', (brand) => invitationGone(frame(brand, signedIn), {})),
  everyday('sign-in-another-account', (brand) =>
    signIn(frame(brand, signedIn), {
      returnTo: '/consent/x',
      app: 'Acme Notebook',
      continueAs: 'ada@example.com',
    }),
  ),
  everyday('device-expired', (brand) => deviceExpired(frame(brand, signedIn), {})),
  everyday('device-answered', (brand) =>
    deviceAnswered(frame(brand, signedIn), { clientName: 'Acme CLI' }),
  ),
  one('device-ends-extreme', (brand) =>
    deviceApproved(frame(worst(brand), extremePerson), { clientName: `${hostile} ${unbroken}` }),
  ),

  everyday('account-home', (brand) =>
    accountHome(frame(brand, at('account', { ...signedIn, notice: 'Your profile is saved.' })), {
      profile: { ...noProfile, name: ada.name, nickname: 'Ada', locale: 'en-GB' },
      email: ada.email,
      emailVerified: true,
      canChangeEmail: true,
      hasOutbox: false,
      canVerifyEmail: false,
      sessions,
      currentSessionId: 's1',
      mayRegisterClients: false,
      isAdministrator: false,
    }),
  ),
  one('account-home-extreme', (brand) =>
    accountHome(frame(worst(brand), at('account', extremePerson)), {
      profile: { ...noProfile, name: hostile, nickname: unbroken, given_name: arabic },
      factorDueAt: ahead(day),
      factorsResetAt: ahead(day),
      email: unbroken,
      emailVerified: false,
      canChangeEmail: true,
      hasOutbox: true,
      canVerifyEmail: true,
      sessions: Array.from({ length: 12 }, (_, index) => ({
        id: String(index),
        signedInAt: ago(index * day),
        lastSeenAt: ago(index * hour),
        ip: index % 2 ? null : '2001:db8:85a3:8d3:1319:8a2e:370:7348',
        userAgent: [null, hostile, unbroken, `${arabic}/1.0`][index % 4] ?? null,
        amr: index % 2 ? ['pwd', 'fed', 'hwk', 'otp', 'mfa'] : [],
        elsewhere: index % 2 ? { at: ago(hour), ip: unbroken, userAgent: hostile } : null,
        apps: Array.from({ length: 3 * index }, () => [hostile, unbroken, arabic][index % 3] ?? ''),
      })),
      currentSessionId: '0',
      mayRegisterClients: true,
      isAdministrator: true,
      problems: { name: unbroken, picture: unbroken },
    }),
  ),
  one('account-home-empty', (brand) =>
    accountHome(frame(brand, at('account', { person: { name: 'A', email: null } })), {
      profile: noProfile,
      email: null,
      emailVerified: false,
      canChangeEmail: false,
      hasOutbox: false,
      canVerifyEmail: false,
      sessions: [],
      currentSessionId: '',
      mayRegisterClients: true,
      isAdministrator: false,
    }),
  ),

  everyday('account-connected', (brand) =>
    accountConnected(
      frame(brand, at('connected', { ...signedIn, notice: 'Access of Television is revoked.' })),
      { apps: connectedApps, devices, revoked: revokedLogins, keyPairs, agents },
    ),
  ),
  everyday('account-connected-empty', (brand) =>
    accountConnected(frame(brand, at('connected')), {
      apps: [],
      devices: [],
      revoked: [],
      keyPairs: [],
      agents: [],
    }),
  ),
  one('account-connected-extreme', (brand) =>
    accountConnected(frame(worst(brand), at('connected', extremePerson)), {
      apps: connectedApps.map((app) => ({
        ...app,
        clientName: `${hostile} ${unbroken}`,
        publisher: `${arabic} ${unbroken}`,
        logins: Array.from({ length: 300 }, (_, index) => ({
          grantId: `g${index}`,
          device: { userAgent: hostile, ip: null },
        })),
        scopes: scopes(30),
      })),
      devices: devices.map((device) => ({
        ...device,
        clientName: `${hostile} ${unbroken}`,
        publisher: `${arabic} ${unbroken}`,
        device: device.device && { ...device.device, userAgent: hostile },
        scopes: scopes(30),
      })),
      revoked: revokedLogins.map((login) => ({
        ...login,
        clientName: `${hostile} ${unbroken}`,
        revokedBecause: 'another reason',
      })),
      keyPairs: keyPairs.map((pair) => ({ ...pair, name: `${hostile} ${unbroken}` })),
      agents: agents.map((agent) => ({
        ...agent,
        clientName: `${hostile} ${unbroken}`,
        publisher: `${arabic} ${unbroken}`,
        purpose: `${hostile} ${unbroken}`,
      })),
    }),
  ),
  one('account-connected-little', (brand) =>
    accountConnected(frame(brand, at('connected')), {
      apps: connectedApps.slice(1).map((app) => ({ ...app, clientName: arabic, scopes: [] })),
      devices: devices.map((device) => ({
        ...device,
        clientName: arabic,
        device: null,
        scopes: [],
      })),
      revoked: [],
      keyPairs: [],
      agents: [],
    }),
  ),

  everyday('account-security', (brand) => {
    const shown = frame(brand, at('account', signedIn));
    return accountSecurity(shown, {
      sections: [
        passwordSection(shown, { changedAt: ago(75 * day), hasPassword: true, hasEmail: true }),
        passkeysSection(shown, { count: 0 }),
        authenticatorSection(shown, { createdAt: ago(30 * day), lastUsedAt: ago(hour) }),
        recoveryCodesSection(shown, { left: 8, createdAt: ago(30 * day) }),
        rememberedBrowsersSection(shown, [
          {
            userAgent: hostile,
            ip: '192.0.2.7',
            lastUsedAt: ago(hour),
            expiresAt: ahead(20 * day),
          },
        ]),
        identitiesSection(shown, {
          identities: [
            {
              id: 'x',
              provider: 'Google',
              enabled: true,
              shown: 'ada@acme.com',
              createdAt: ago(40 * day),
              lastUsedAt: ago(2 * hour),
            },
            {
              id: 'y',
              provider: 'Old Login',
              enabled: false,
              shown: unbroken,
              createdAt: ago(400 * day),
              lastUsedAt: null,
            },
          ],
          providers: [{ id: 'acme', name: 'Acme Login' }],
        }),
      ],
    });
  }),
  everyday('account-passkeys', (brand) =>
    accountPasskeys(frame(brand, at('account')), {
      passkeys: [
        passkeyShown('Google Password Manager', { isSynced: true, lastUsedAt: ago(2 * hour) }),
        passkeyShown('Security key', { isVerified: false, lastUsedAt: ago(40 * day) }),
        passkeyShown('Firefox on Linux'),
      ],
      max: 20,
      accepted: { rpId: 'localhost', userId: 'AAAA' },
    }),
  ),
  one('account-passkeys-none', (brand) =>
    accountPasskeys(frame(brand, at('account')), { passkeys: [], max: 20 }),
  ),
  one('account-passkeys-extreme', (brand) =>
    accountPasskeys(frame(worst(brand), at('account', extremePerson)), {
      passkeys: [hostile, arabic, unbroken].map((name) =>
        passkeyShown(name, { isSynced: true, lastUsedAt: ago(minute) }),
      ),
      max: 3,
    }),
  ),
  everyday('account-passkey-new', (brand) => accountPasskeyNew(frame(brand, at('account')), {})),
  one('account-passkey-new-problem', (brand) =>
    accountPasskeyNew(frame(brand, at('account')), {
      problem: 'This took too long, or was started in another browser. Try again.',
      problems: { name: 'has more than 60 characters.' },
      name: unbroken,
    }),
  ),
  everyday('account-passkey', (brand) =>
    accountPasskey(frame(brand, at('account')), {
      passkey: passkeyShown('Google Password Manager', { isSynced: true, lastUsedAt: ago(hour) }),
    }),
  ),
  one('account-passkey-extreme', (brand) =>
    accountPasskey(frame(worst(brand), at('account', extremePerson)), {
      passkey: passkeyShown(unbroken, { isVerified: false }),
      problem: hostile,
      problems: { name: unbroken },
    }),
  ),

  one('account-security-first', (brand) => {
    const shown = frame(brand, at('account', signedIn));
    return accountSecurity(shown, {
      sections: [
        passwordSection(shown, { changedAt: null, hasPassword: false, hasEmail: true }),
        authenticatorSection(shown, undefined),
        recoveryCodesSection(shown, { left: 0, createdAt: null }),
      ],
    });
  }),
  everyday('account-authenticator', (brand) =>
    authenticatorSetUp(frame(brand, at('account', signedIn)), {
      secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
      sealed: 'sealed',
      qrCode: `data:image/svg+xml;base64,${Buffer.from(qrCode('otpauth://totp/Writ:ada')).toString('base64')}`,
      problems: { code: 'This code is not correct. Enter the code that the app shows now.' },
    }),
  ),
  one('account-authenticator-remove', (brand) =>
    authenticatorRemoval(frame(brand, at('account', signedIn)), { isLastFactor: true }),
  ),
  everyday('account-recovery-codes', (brand) =>
    recoveryCodesShown(frame(brand, at('account', signedIn)), {
      codes: Array.from({ length: 10 }, (_, index) => `k3m9p-7xq2r-v8tn${index}`),
      isFirst: true,
    }),
  ),
  one('account-recovery-codes-replace', (brand) =>
    recoveryCodesReplacement(frame(brand, at('account', signedIn)), { left: 3 }),
  ),
  everyday('sign-in-factor', (brand) =>
    signInFactor(frame(brand), {
      kind: 'authenticator',
      returnTo: '/account',
      otherWays: [{ kind: 'recovery', href: '/sign-in/factor?kind=recovery' }],
      rememberDays: 30,
      problems: { code: 'This code is not correct. Enter the code that the app shows now.' },
    }),
  ),
  everyday('sign-in-factor-passkey', (brand) =>
    signInFactor(frame(brand), {
      kind: 'passkey',
      returnTo: '/account',
      otherWays: [{ kind: 'recovery', href: '/sign-in/factor?kind=recovery' }],
      rememberDays: 30,
    }),
  ),
  one('sign-in-factor-recovery', (brand) =>
    signInFactor(frame(brand), {
      kind: 'recovery',
      returnTo: '/account',
      otherWays: [{ kind: 'authenticator', href: '/sign-in/factor' }],
      rememberDays: 0,
    }),
  ),

  everyday('account-password', (brand) =>
    accountPassword(frame(brand, at('account')), { email: 'ada@example.com' }),
  ),
  everyday('account-password-first', (brand) =>
    accountPassword(frame(brand, at('account')), { email: 'ada@example.com', isFirst: true }),
  ),
  everyday('account-password-problem', (brand) =>
    accountPassword(frame(brand, at('account')), {
      email: 'ada@example.com',
      problems: {
        current: 'Enter your current password.',
        repeat: 'The two new passwords are different.',
      },
    }),
  ),
  one('account-password-extreme', (brand) =>
    accountPassword(frame(worst(brand), at('account', extremePerson)), {
      email: null,
      problems: { current: unbroken, password: hostile },
    }),
  ),

  everyday('message', (brand) =>
    message(frame(brand), {
      title: 'Page not found',
      text: 'The address may be mistyped, or the page no longer exists.',
      action: { href: '/', label: 'Go to the start page' },
    }),
  ),
  everyday('message-trouble', (brand) =>
    message(frame(brand, signedIn), {
      title: 'Something went wrong',
      text: 'This is our fault. Please try again.',
      requestId: '01JD8Z4W7Q2M5K3R9T6V1X0Y8B',
    }),
  ),
  everyday('message-authorization', (brand) =>
    message(frame(brand), {
      title: 'Acme Notebook sent an invalid request',
      text: 'Go back to the app and try again. If it happens again, contact the developers of the app.',
      action: {
        href: 'https://notebook.acme.example/callback?error=invalid_scope',
        label: 'Back to Acme Notebook (notebook.acme.example)',
      },
      developers: {
        error: 'invalid_scope',
        description: 'requested scope is not allowed (things:write)',
        requestId: '01JD8Z4W7Q2M5K3R9T6V1X0Y8B',
      },
    }),
  ),
  everyday('message-redirect-uri', (brand) =>
    message(frame(brand), {
      title: 'Invalid request',
      text: 'An app sent you here with a request that this server cannot accept. Go back to the app and try again. If it happens again, contact the developers of the app.',
      action: { href: '/', label: 'Go to the start page', plain: true },
      developers: {
        error: 'invalid_request',
        description: "redirect_uri is not one of the client's redirect URIs",
        redirectUri: `https://notebook.acme.example/${long('callback', 170)}…`,
        requestId: '01JD8Z4W7Q2M5K3R9T6V1X0Y8B',
      },
    }),
  ),
  one('message-extreme', (brand) =>
    message(frame(worst(brand), extremePerson), {
      title: unbroken,
      text: `${hostile} ${unbroken}`,
      action: { href: `/"><script>`, label: unbroken },
      requestId: unbroken,
    }),
  ),

  ...consentCases,
  ...languageCases,
  ...recoveryCases,
  ...appCases,
  ...adminCases,
  ...adminAppsCases,
  ...adminAuditCases,
  ...adminClientsCases,
  ...adminHomeCases,
  ...adminKeysCases,
  ...adminPeopleCases,
  ...adminOtherServersCases,
  ...adminResourcesCases,
  ...adminRolesCases,
  ...adminTokensCases,
  ...tokenCases,
];
