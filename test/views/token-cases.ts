// The pages of personal access tokens, as they are every day, at their worst, and with next to nothing on them.

import type { TokenShown } from '../../views/components/token.ts';
import { accountTokenCreated } from '../../views/tokens/created.ts';
import { type AccountTokensProps, accountTokens } from '../../views/tokens/list.ts';
import {
  type AccountTokenNewProps,
  accountTokenNew,
  onlyField,
  type TokenChoice,
} from '../../views/tokens/new.ts';
import {
  type AccountTokenRegenerateProps,
  accountTokenRegenerate,
} from '../../views/tokens/regenerate.ts';
import { accountTokenRevoke } from '../../views/tokens/revoke.ts';
import { type AccountTokenProps, accountToken } from '../../views/tokens/token.ts';
import {
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
  signedIn,
  unbroken,
  worst,
} from './case.ts';

const here = at('tokens');
const told = (notice: string) => at('tokens', { ...signedIn, notice });
const made = at('tokens', { ...signedIn, copies: true });
const worstHere = at('tokens', { ...extremePerson, copies: true });

const read = { name: 'things:read', description: 'See your things' };
const write = { name: 'things:write', description: 'Create, change and delete your things' };

const token = (part: Partial<TokenShown> = {}): TokenShown => ({
  id: 'tok_1',
  name: 'Backup of my laptop',
  hint: 'x7Qa',
  resource: 'Acme API',
  scopes: [read],
  details: [],
  status: 'active',
  leaked: false,
  createdAt: ago(12 * day),
  expiresAt: ahead(18 * day),
  lastUsedAt: ago(3 * minute),
  revokedAt: null,
  replacedBy: null,
  ...part,
});

const limited = token({
  id: 'tok_2',
  name: 'Nightly report',
  hint: 'Kp2f',
  scopes: [read, write],
  details: [
    { type: 'database', identifier: 'sales', actions: ['read', 'write'] },
    { type: 'database', identifier: 'stock', actions: [] },
    { type: 'table', actions: ['read'] },
  ],
  expiresAt: null,
  lastUsedAt: null,
});
const replaced = token({
  id: 'tok_3',
  name: 'Deploy from CI',
  hint: '9sLm',
  expiresAt: ahead(20 * hour),
  replacedBy: { id: 'tok_4', hint: 'Bq71' },
});
const active: TokenShown[] = [
  token(),
  limited,
  token({
    id: 'tok_4',
    name: 'Deploy from CI',
    hint: 'Bq71',
    createdAt: ago(4 * hour),
    expiresAt: ahead(90 * day),
    scopes: [
      read,
      write,
      { name: 'logs:read', description: 'Read the logs' },
      { name: 'apps:read', description: 'See your apps' },
      { name: 'db:read', description: '' },
    ],
    lastUsedAt: null,
  }),
  replaced,
  token({ id: 'tok_5', name: arabic, hint: 'Zz00', expiresAt: ahead(2 * day) }),
];
const ended: TokenShown[] = [
  token({ id: 'tok_6', name: 'Old script', status: 'expired', expiresAt: ago(3 * day) }),
  token({
    id: 'tok_7',
    name: 'Lost phone',
    status: 'revoked',
    revokedAt: ago(9 * day),
    expiresAt: null,
  }),
  token({
    id: 'tok_9',
    name: 'Notebook',
    hint: 'Wd4k',
    status: 'revoked',
    leaked: true,
    revokedAt: ago(2 * day),
  }),
  token({
    id: 'tok_8',
    name: 'Deploy from CI',
    hint: '1aLm',
    status: 'revoked',
    revokedAt: ago(hour),
    replacedBy: { id: 'tok_3', hint: '9sLm' },
  }),
];

const list: AccountTokensProps = {
  active,
  ended,
  search: '',
  sort: 'created',
  reversed: false,
  any: true,
  canCreate: true,
};

const worstToken = (part: Partial<TokenShown> = {}): TokenShown =>
  token({
    id: hostile,
    name: `${hostile} ${unbroken}`.slice(0, 100),
    hint: '"><b',
    resource: `${hostile} ${unbroken}`,
    scopes: Array.from({ length: 30 }, (_, index) => ({
      name: index % 2 ? unbroken : `scope:${index}`,
      description: [hostile, arabic, unbroken, ''][index % 4] ?? '',
    })),
    details: Array.from({ length: 20 }, (_, index) => ({
      type: index % 2 ? unbroken : hostile,
      identifier: index % 3 ? unbroken : undefined,
      actions: [hostile, arabic, unbroken],
    })),
    replacedBy: { id: hostile, hint: '<b>&' },
    ...part,
  });

const acme: TokenChoice = {
  identifier: 'https://api.acme.example',
  name: 'Acme API',
  scopes: [read, write, { name: 'logs:read', description: 'Read the logs of your apps' }],
  detailsTypes: [],
  maxTtl: 366 * day,
};
const databases: TokenChoice = {
  ...acme,
  identifier: 'https://db.acme.example',
  name: 'Acme Databases',
  detailsTypes: [
    { type: 'database', description: 'A database', actions: ['read', 'write', 'drop'] },
    { type: 'table', description: 'A table of a database', actions: [] },
  ],
  maxTtl: null,
};
const worstChoice: TokenChoice = {
  identifier: `https://${long('sub.', 200)}example.com/`,
  name: `${hostile} ${unbroken}`,
  scopes: worstToken().scopes,
  detailsTypes: [
    { type: unbroken, description: hostile, actions: [unbroken, hostile, arabic] },
    { type: hostile, description: '', actions: [] },
  ],
  maxTtl: hour,
};
const making: AccountTokenNewProps = {
  choices: [acme],
  choice: acme,
  idempotencyKey: 'once-value',
  ttls: [7 * day, 30 * day, 90 * day, 366 * day],
  values: { expiry: String(30 * day) },
};

const shown: AccountTokenProps = {
  token: token(),
  policy: acme,
  ttls: making.ttls,
};

const regenerating: AccountTokenRegenerateProps = {
  token: token(),
  longest: 366 * day,
  ttls: making.ttls,
  overlaps: [0, hour, day, 7 * day],
  idempotencyKey: 'once-value',
};

const value = 'writ_pat_0lwWcULoE0iqXT9GACoyHHT9Xm253iDzXTKeOYGom7n4po1YiZv4';

export const tokenCases: Case[] = [
  everyday('account-tokens', (brand) =>
    accountTokens(frame(brand, told('The token is saved.')), list),
  ),
  everyday('account-tokens-empty', (brand) =>
    accountTokens(frame(brand, here), { ...list, active: [], ended: [], any: false }),
  ),
  one('account-tokens-closed', (brand) =>
    accountTokens(frame(brand, here), {
      ...list,
      active: [],
      ended: [],
      any: false,
      canCreate: false,
    }),
  ),
  everyday('account-tokens-search', (brand) =>
    accountTokens(frame(brand, here), {
      ...list,
      active: active.filter(({ name }) => name === 'Deploy from CI'),
      ended: [],
      search: 'deploy',
      sort: 'name',
      reversed: true,
    }),
  ),
  one('account-tokens-nothing-found', (brand) =>
    accountTokens(frame(brand, here), { ...list, active: [], ended: [], search: hostile }),
  ),
  one('account-tokens-extreme', (brand) =>
    accountTokens(frame(worst(brand), worstHere), {
      ...list,
      active: Array.from({ length: 12 }, (_, index) =>
        worstToken({ ...(index % 2 && { replacedBy: null, expiresAt: ahead(5) }) }),
      ),
      ended: [worstToken({ status: 'inactive' }), worstToken({ status: 'expired', hint: null })],
      search: `${hostile} ${unbroken}`,
      sort: 'expires',
    }),
  ),

  everyday('account-token-new', (brand) => accountTokenNew(frame(brand, here), making)),
  everyday('account-token-new-choose', (brand) =>
    accountTokenNew(frame(brand, here), {
      ...making,
      choices: [acme, databases],
      choice: undefined,
    }),
  ),
  one('account-token-new-nothing', (brand) =>
    accountTokenNew(frame(brand, here), { ...making, choices: [], choice: undefined }),
  ),
  everyday('account-token-new-problem', (brand) =>
    accountTokenNew(frame(brand, here), {
      ...making,
      choices: [acme, databases],
      choice: databases,
      values: {
        name: '',
        expiry: 'date',
        expiry_date: '2027-03-31',
        [onlyField('database')]: 'sales\nstock',
        [onlyField('database', 'read')]: 'on',
      },
      problems: { name: 'Enter a name.', scope: 'Choose at least one scope.' },
    }),
  ),
  one('account-token-new-problem-every', (brand) =>
    accountTokenNew(frame(brand, here), {
      ...making,
      choices: [acme, databases],
      choice: databases,
      problems: {
        name: 'Enter a name.',
        scope: 'Choose at least one scope.',
        details: 'The API has no such objects.',
        expiry: 'Choose a time in the future.',
      },
      problem: 'You have too many tokens.',
    }),
  ),
  one('account-token-new-extreme', (brand) =>
    accountTokenNew(frame(worst(brand), worstHere), {
      ...making,
      choices: [worstChoice, acme],
      choice: worstChoice,
      values: {
        name: hostile,
        expiry: 'date',
        expiry_date: hostile,
        [onlyField(unbroken)]: hostile,
      },
      problems: { details: `${hostile} ${unbroken}` },
    }),
  ),

  everyday('account-token-created', (brand) =>
    accountTokenCreated(frame(brand, made), { token: limited, value }),
  ),
  everyday('account-token-regenerated', (brand) =>
    accountTokenCreated(frame(brand, made), { token: token(), value, replaced }),
  ),
  one('account-token-regenerated-now', (brand) =>
    accountTokenCreated(frame(brand, made), {
      token: token(),
      value,
      replaced: { ...replaced, status: 'revoked' },
    }),
  ),
  one('account-token-created-extreme', (brand) =>
    accountTokenCreated(frame(worst(brand), worstHere), {
      token: worstToken({ replacedBy: null, expiresAt: now }),
      value: `writ_pat_${unbroken}`,
      replaced,
    }),
  ),

  everyday('account-token', (brand) => accountToken(frame(brand, here), shown)),
  everyday('account-token-limited', (brand) =>
    accountToken(frame(brand, here), {
      ...shown,
      token: limited,
      policy: databases,
      values: { name: 'deploy from ci', 'scope:things:read': 'on', expiry: 'keep' },
      problems: { name: 'You already have a token named deploy from ci. Choose another name.' },
    }),
  ),
  everyday('account-token-replaced', (brand) =>
    accountToken(frame(brand, here), { ...shown, token: replaced }),
  ),
  everyday('account-token-ended', (brand) =>
    accountToken(frame(brand, here), {
      ...shown,
      token: ended[1] ?? token(),
      problem: 'This token is no longer active. Create a new one.',
    }),
  ),
  one('account-token-expired', (brand) =>
    accountToken(frame(brand, here), { ...shown, token: ended[0] ?? token() }),
  ),
  one('account-token-closed', (brand) =>
    accountToken(frame(brand, here), { ...shown, policy: undefined }),
  ),
  everyday('account-token-leaked', (brand) =>
    accountToken(frame(brand, here), { ...shown, token: ended[2] ?? token() }),
  ),
  everyday('account-token-regenerate', (brand) =>
    accountTokenRegenerate(frame(brand, here), regenerating),
  ),
  one('account-token-regenerate-problem', (brand) =>
    accountTokenRegenerate(frame(worst(brand), worstHere), {
      ...regenerating,
      token: worstToken(),
      values: { overlap: '5', expiry: 'never' },
      problems: { overlap: hostile, expiry: unbroken },
      problem: unbroken,
    }),
  ),
  everyday('account-token-revoke', (brand) =>
    accountTokenRevoke(frame(brand, here), { token: token() }),
  ),
  one('account-token-revoke-extreme', (brand) =>
    accountTokenRevoke(frame(worst(brand), worstHere), { token: worstToken() }),
  ),
  one('account-token-extreme', (brand) =>
    accountToken(frame(worst(brand), worstHere), {
      ...shown,
      token: worstToken({ replacedBy: null }),
      policy: worstChoice,
      values: { name: hostile, expiry: 'date', expiry_date: hostile },
      problems: { expiry: `${hostile} ${unbroken}` },
    }),
  ),
  one('account-token-extreme-ended', (brand) =>
    accountToken(frame(worst(brand), worstHere), {
      ...shown,
      token: worstToken({ status: 'inactive' }),
      problem: unbroken,
    }),
  ),
];
