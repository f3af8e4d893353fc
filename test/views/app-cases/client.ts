import { type AppClientProps, appClient } from '../../../views/apps/client.ts';
import {
  ada,
  ago,
  ahead,
  type Case,
  day,
  everyday,
  frame,
  hostile,
  minute,
  one,
  unbroken,
  worst,
} from '../case.ts';
import { roles, worstRoles } from './roles.ts';
import {
  acme,
  asReader,
  client,
  first,
  here,
  told,
  worstApp,
  worstClient,
  worstHere,
} from './shared.ts';

export const settings: AppClientProps = {
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
    tokenExchange: false,
    agent: null,
    firstParty: false,
    createdAt: ago(40 * day),
  },
  members: [],
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
export const clientCases: Case[] = [
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
];
