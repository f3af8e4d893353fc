// The pages of the console about tokens.

import {
  adminBulkRevocation,
  adminBulkRevocationBegin,
  adminBulkRevocations,
  type BulkRevocationShown,
} from '../../views/admin/bulk-revocations.ts';
import {
  type AdminToken,
  adminToken,
  adminTokens,
  adminTokensRevoked,
  adminTokensToRevoke,
  adminUnknownToken,
} from '../../views/admin/tokens.ts';
import { here } from './admin-cases.ts';
import {
  ago,
  ahead,
  arabic,
  type Case,
  day,
  everyday,
  frame,
  hostile,
  hour,
  long,
  minute,
  one,
  unbroken,
  worst,
} from './case.ts';

const laptop: AdminToken = {
  id: 'tok_0000J3XdVhVu5cGRqJvtQmp6I',
  kind: 'personal_access_token',
  format: 'opaque',
  name: 'laptop',
  hint: 'x7Qd',
  status: 'active',
  leaked: false,
  clientId: 'writ-personal',
  person: {
    id: '0198c0de-0000-7000-8000-000000000000',
    name: 'Ada Lovelace',
    email: 'ada@example.com',
  },
  subject: null,
  scope: 'things:read things:write',
  bound: null,
  audience: ['https://api.example.com'],
  roles: ['reader'],
  kid: null,
  issuedAt: ago(12 * day),
  expiresAt: ahead(18 * day),
  lastUsedAt: ago(5 * minute),
};

const bulk: BulkRevocationShown = {
  id: '0198c0de-0000-7000-8000-000000000000',
  filter: { client: 'acme:backend', name: 'ci-', kind: 'api_token' },
  state: 'running',
  revoked: 12_500,
  refused: 0,
  by: 'Ada Lovelace',
  beganAt: ago(3 * minute),
  workedAt: ago(2),
  endedAt: null,
};

const ofBackend: AdminToken = {
  ...laptop,
  id: 'tok_000111111111111111111111A',
  kind: 'api_token',
  name: 'nightly import',
  clientId: 'acme:backend',
  person: null,
  subject: 'user 42',
  status: 'revoked',
  lastUsedAt: null,
};

const jwt: AdminToken = {
  ...laptop,
  kind: 'access_token',
  format: 'jwt',
  name: null,
  hint: null,
  status: 'inactive',
  clientId: 'acme:website',
  bound: 'dpop',
  kid: 'k-2026-11-01',
  issuedAt: ago(2 * hour),
  expiresAt: ahead(hour),
  lastUsedAt: null,
};

const extreme: AdminToken = {
  ...ofBackend,
  name: `${hostile} ${unbroken}`,
  clientId: long('c', 100),
  subject: `tenant ${unbroken}`,
  person: { id: laptop.id, name: arabic, email: `${long('a', 60)}@example.com` },
  audience: [`https://${long('api.', 60)}test/${unbroken}`],
  scope: Array.from({ length: 30 }, (_, index) => `things${index}:read`).join(' '),
  status: 'revoked',
  leaked: true,
};

const pages = { next: '/admin/tokens?after=x', first: undefined };

export const adminTokensCases: Case[] = [
  everyday('admin-tokens', (brand) =>
    adminTokens(frame(brand, here), { tokens: [laptop, ofBackend], filter: {}, pages }),
  ),
  one('admin-tokens-nothing', (brand) =>
    adminTokens(frame(brand, here), {
      tokens: [],
      filter: { client: 'acme:website', state: 'expired' },
      pages: { next: undefined, first: '/admin/tokens' },
      problems: { token: 'Paste a token, or the ID of one.' },
    }),
  ),
  one('admin-tokens-search-on', (brand) =>
    adminTokens(frame(brand, here), {
      tokens: [],
      filter: { name: 'laptop', state: 'expired' },
      pages,
    }),
  ),
  one('admin-tokens-extreme', (brand) =>
    adminTokens(frame(worst(brand), here), {
      tokens: [extreme],
      filter: { name: unbroken },
      pages,
    }),
  ),
  everyday('admin-tokens-revoke', (brand) =>
    adminTokensToRevoke(frame(brand, here), { tokens: [laptop, ofBackend] }),
  ),
  one('admin-tokens-revoke-extreme', (brand) =>
    adminTokensToRevoke(frame(worst(brand), here), { tokens: [extreme] }),
  ),
  one('admin-tokens-revoke-done', (brand) =>
    adminTokensRevoked(frame(brand, here), {
      revoked: 12,
      refused: [{ name: unbroken, why: 'The operator’s key can be revoked only by itself.' }],
    }),
  ),
  everyday('admin-bulk-revocations', (brand) =>
    adminBulkRevocations(frame(brand, here), {
      revocations: [
        bulk,
        { ...bulk, state: 'stopped', filter: { person: 'Grace Hopper' }, endedAt: ago(hour) },
        { ...bulk, state: 'done', filter: { subject: 'device' }, endedAt: ago(day) },
      ],
    }),
  ),
  one('admin-bulk-revocations-nothing', (brand) =>
    adminBulkRevocations(frame(brand, here), { revocations: [] }),
  ),
  everyday('admin-bulk-revocation-begin', (brand) =>
    adminBulkRevocationBegin(frame(brand, here), {
      filter: { client: 'acme:backend', name: 'ci-', kind: 'api_token' },
      back: '/admin/tokens',
      count: 8_214,
      isMore: true,
      confirmation: 'revoke',
    }),
  ),
  one('admin-bulk-revocation-begin-mistyped', (brand) =>
    adminBulkRevocationBegin(frame(worst(brand), here), {
      filter: { client: unbroken, name: hostile },
      back: '/admin/tokens',
      count: 1,
      isMore: false,
      confirmation: 'revoke',
      problems: { confirmation: 'Type the word revoke.' },
    }),
  ),
  everyday('admin-bulk-revocation', (brand) =>
    adminBulkRevocation(frame(brand, here), { revocation: bulk }),
  ),
  one('admin-bulk-revocation-done', (brand) =>
    adminBulkRevocation(frame(worst(brand), here), {
      revocation: {
        ...bulk,
        state: 'done',
        filter: { person: unbroken },
        by: unbroken,
        refused: 3,
        endedAt: ago(minute),
      },
    }),
  ),
  everyday('admin-token', (brand) =>
    adminToken(frame(brand, here), { token: laptop, reasons: [], mayRevoke: true }),
  ),
  everyday('admin-token-refused', (brand) =>
    adminToken(frame(brand, here), {
      token: jwt,
      reasons: [
        {
          text: 'The account of its person is disabled or deleted.',
          at: ago(40 * minute),
          detail: null,
        },
        { text: 'The key that signed it was revoked.', at: null, detail: null },
      ],
      mayRevoke: false,
    }),
  ),
  one('admin-token-extreme', (brand) =>
    adminToken(frame(worst(brand), here), {
      token: extreme,
      reasons: [{ text: 'It was revoked.', at: ago(day), detail: unbroken }],
      mayRevoke: true,
    }),
  ),
  everyday('admin-token-unknown', (brand) =>
    adminUnknownToken(frame(brand, here), {
      text: 'It is no whole token: it was cut off or mistyped.',
    }),
  ),
];
