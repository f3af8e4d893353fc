import { overlaps } from '../../../config/tokens.ts';
import { type AppApiKeyProps, appApiKey } from '../../../views/apps/api-key.ts';
import { appApiKeyCreated } from '../../../views/apps/api-key-created.ts';
import { appApiKeyRegenerate } from '../../../views/apps/api-key-regenerate.ts';
import { appApiKeyRevoke } from '../../../views/apps/api-key-revoke.ts';
import { type AppApiKeysProps, appApiKeys } from '../../../views/apps/api-keys.ts';
import type { ApiKeySnippets } from '../../../views/components/api-key.ts';
import type { TokenShown } from '../../../views/components/token.ts';
import {
  ada,
  ago,
  ahead,
  arabic,
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
} from '../case.ts';
import {
  acme,
  asDeveloper,
  asReader,
  copied,
  first,
  here,
  told,
  worstApp,
  worstClient,
  worstCopied,
  worstHere,
} from './shared.ts';

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

export const key = (name: string, part: Partial<TokenShown> = {}): TokenShown => ({
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
export const apiKeysCases: Case[] = [
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
];
