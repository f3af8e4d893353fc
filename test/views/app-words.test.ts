import { expect, test } from '@jest/globals';
import type { AuditAction } from '../../config/audit-actions.ts';
import { appActivity } from '../../views/apps/activity.ts';
import { appClient } from '../../views/apps/client.ts';
import { appMembers } from '../../views/apps/members.ts';
import { appHome } from '../../views/apps/overview.ts';
import { appRoles } from '../../views/apps/roles.ts';
import { appSettings } from '../../views/apps/settings.ts';
import type { AppShown, Manages } from '../../views/components/app.ts';
import { type EventShown, eventSentence } from '../../views/components/event.ts';
import { lifetimeParts } from '../../views/components/lifetime.ts';
import { permissionSentences } from '../../views/components/permissions.ts';
import { type SecretShown, secretAdvice } from '../../views/components/secrets.ts';
import { usageChart } from '../../views/components/usage.ts';
import type { Html } from '../../views/layout/frame.ts';
import { render } from '../../views/layout/render.ts';
import { ago, day, frame, hostile, hour, minute, now } from './case.ts';

/** What is read of a piece of a page. */
const text = async (piece: Html): Promise<string> =>
  (await render(piece))
    .replace(/<[^>]*>/g, '')
    .replace(/\s+/g, ' ')
    .trim();

const ada = { kind: 'account', id: 'a1', name: 'Ada' };
const grace = { kind: 'account', id: 'a2', name: 'Grace' };
const website = { kind: 'client', id: 'acme:website', name: 'acme:website' };
const role = { kind: 'role', id: 'Importer', name: 'Importer' };
const app = { kind: 'app', id: 'acme', name: 'Acme Shop' };
const key = { kind: 'token', id: 'tok_1', name: null };
const login = { kind: 'grant', id: 'g1', name: null };

const event = (action: string, part: Partial<EventShown> = {}): EventShown => ({
  action,
  at: now,
  result: 'success',
  actor: ada,
  target: website,
  details: null,
  ...part,
});
const told = (action: string, part: Partial<EventShown> = {}) =>
  text(eventSentence(event(action, part)));

/** What can happen in an app. */
type AppAction = Extract<
  AuditAction,
  | `app${string}`
  | `client${string}`
  | `consent.${string}`
  | `device.${string}`
  | `api_key.${string}`
  | 'api_token.created'
  | 'api_token.updated'
  | 'token.tried'
  | 'token.revoked'
  | 'token.leaked'
  | 'grant.revoked'
  | 'refresh_token.reused'
>;

const sentences: Record<AppAction, [sentence: string, part?: Partial<EventShown>]> = {
  'app.created': ['Ada created this app', { target: app }],
  'app.updated': [
    'Ada changed the app: display name from Acme to Acme Shop',
    { target: app, details: { display_name: { before: 'Acme', after: 'Acme Shop' } } },
  ],
  'app.disabled': ['Ada disabled the app', { target: app }],
  'app.enabled': ['Ada enabled the app', { target: app }],
  'app.deleted': ['Ada deleted the app', { target: app }],
  'app.handed_over': ['Ada transferred the app', { target: app }],
  'app_member.added': [
    'Grace became a Developer',
    { target: grace, details: { role: 'Developer' } },
  ],
  'app_member.changed': [
    'Ada gave Grace another role: Editor',
    { target: grace, details: { role: { before: 'Reader', after: 'Editor' } } },
  ],
  'app_member.removed': ['Ada removed Grace from the app', { target: grace }],
  'app_invitation.created': [
    'Ada invited grace@example.com to be a Reader',
    { target: app, details: { email: 'grace@example.com', role: 'Reader' } },
  ],
  'app_invitation.revoked': [
    'Ada revoked the invitation of grace@example.com',
    { target: app, details: { email: 'grace@example.com' } },
  ],
  'app_invitation.accepted': ['Grace accepted an invitation', { actor: grace, target: app }],
  'app_invitation.declined': ['Grace declined an invitation', { actor: grace, target: app }],
  'app_role.created': ['Ada created the role Importer', { target: role }],
  'app_role.updated': [
    'Ada changed the role Importer: permissions',
    { target: role, details: { permissions: { before: [], after: ['things'] } } },
  ],
  'app_role.deleted': ['Ada deleted the role Importer', { target: role }],
  'client.created': ['Ada created the client acme:website'],
  'client.updated': [
    'Ada changed the client acme:website: role from Reader to Editor, redirect URIs',
    {
      details: {
        app_role: { before: 'Reader', after: 'Editor' },
        redirect_uris: { before: [], after: ['https://example.com/'] },
      },
    },
  ],
  'client.disabled': ['Ada disabled the client acme:website'],
  'client.enabled': ['Ada enabled the client acme:website'],
  'client.deleted': ['Ada deleted the client acme:website'],
  'client.logout_refused': [
    'acme:website refused the notification that a person signed out (status 400)',
  ],
  'client.logout_undelivered': [
    'acme:website could not be notified for a day that people signed out',
  ],
  'client.tokens_revoked': ['Ada revoked all tokens of acme:website'],
  'client_secret.created': ['Ada created a secret of acme:website'],
  'client_secret.revoked': [
    'Ada revoked the secret ending in x7Qa of acme:website',
    { details: { hint: 'x7Qa' } },
  ],
  'client_secret.leaked': [
    'The secret ending in x7Qa of acme:website leaked and was revoked',
    { details: { hint: 'x7Qa' } },
  ],
  'api_key.created': [
    'Ada created the API key billing of acme:website',
    { target: key, details: { name: 'billing', client_id: 'acme:website' } },
  ],
  'api_key.updated': [
    'Ada changed the API key invoices of acme:website: name from billing to invoices, expiry from 1 May 2027 to 2 May 2027',
    {
      target: key,
      details: {
        client_id: 'acme:website',
        name: { before: 'billing', after: 'invoices' },
        expires_at: { before: '2027-05-01T08:00:00.000Z', after: '2027-05-02T08:00:00.000Z' },
      },
    },
  ],
  'api_key.rolled': [
    'Ada regenerated the API key billing of acme:website',
    { target: key, details: { name: 'billing', client_id: 'acme:website' } },
  ],
  'api_token.created': [
    'acme:website created the API token laptop',
    { actor: website, target: key, details: { name: 'laptop', client_id: 'acme:website' } },
  ],
  'api_token.updated': [
    'acme:website changed the API token laptop: scope',
    {
      actor: website,
      target: key,
      details: {
        name: 'laptop',
        client_id: 'acme:website',
        scope: { before: 'a b', after: '' },
      },
    },
  ],
  'token.leaked': [
    'The API key billing of acme:website leaked and was revoked',
    { target: key, details: { kind: 'api_key', name: 'billing', client_id: 'acme:website' } },
  ],
  'consent.granted': ['A person allowed acme:website'],
  'consent.denied': ['A person denied acme:website'],
  'consent.withdrawn': ['A person disconnected acme:website'],
  'device.approved': ['A person signed in to acme:website'],
  'device.denied': ['A person denied a device of acme:website'],
  'token.tried': ['Ada got a trial token of acme:website'],
  'token.revoked': ['Ada revoked a token of acme:website'],
  'grant.revoked': [
    'The access of acme:website to a person was revoked',
    { target: login, details: { client_id: 'acme:website' } },
  ],
  'refresh_token.reused': [
    'A refresh token of acme:website was used twice, and its login was revoked',
    { target: login, details: { client_id: 'acme:website' } },
  ],
};

test.each(Object.entries(sentences))(
  '%s is told in a sentence',
  async (action, [sentence, part]) => {
    expect(await told(action, part)).toBe(sentence);
  },
);

test('a token that has a name is told of by it', async () => {
  expect(
    await told('token.revoked', {
      target: key,
      details: { kind: 'api_key', name: 'billing', client_id: 'acme:website' },
    }),
  ).toBe('Ada revoked the API key billing of acme:website');
});

test('people who use an app are not named to its members', async () => {
  for (const action of ['device.approved', 'device.denied', 'consent.granted', 'consent.denied'])
    for (const result of ['success', 'refused'] as const)
      expect(await told(action, { result })).not.toContain('Ada');
});

test('who left by themself left, and whoever has the same name was removed', async () => {
  const removed = 'app_member.removed';
  expect(await told(removed, { target: ada })).toBe('Ada left the app');
  expect(await told(removed, { target: { ...grace, name: 'Ada' } })).toBe(
    'Ada removed Ada from the app',
  );
});

test('what is not known, was refused, or was done by who has gone is told all the same', async () => {
  expect(await told('thing.happened')).toBe('Ada: thing.happened of acme:website');
  expect(await told('toString', { target: null })).toBe('Ada: toString');
  expect(await told('client.deleted', { result: 'refused' })).toBe(
    'Ada was refused client.deleted of acme:website',
  );
  expect(await told('app.created', { actor: { ...ada, name: null } })).toBe(
    'A deleted account created this app',
  );
  expect(await told('client.disabled', { actor: { kind: 'system', name: null } })).toBe(
    'The server disabled the client acme:website',
  );
  expect(await told('app_member.added', { target: { ...grace, name: null }, details: null })).toBe(
    'a deleted account became a member',
  );
});

test('nothing in the details of an event becomes markup', async () => {
  const page = await render(
    eventSentence(
      event('app.updated', {
        actor: { ...ada, name: hostile },
        details: { [hostile]: { before: hostile, after: hostile } },
      }),
    ),
  );
  expect(page).not.toContain('<script');
  expect(page.match(/&lt;script&gt;/g)).toHaveLength(4);
});

const secret = (created: number, used: number | null): SecretShown => ({
  id: String(created),
  hint: null,
  createdAt: ago(created),
  expiresAt: null,
  lastUsedAt: used === null ? null : ago(used),
});

test.each<[permissions: string[], sentences: string[]]>([
  [['*'], ['Can do everything in the APIs']],
  [['*.read', '*.*.read'], ['Can read everything in the APIs']],
  [['*.read', '*.write'], ['Can read and write everything in the APIs']],
  [['things'], ['Can do everything with things']],
  [['things.read', 'things.write'], ['Can read and write things']],
  [
    ['things.read|write', 'logs.*'],
    ['Can read and write things', 'Can do everything with logs'],
  ],
  [['things.^delete|purge'], ['Can do everything except delete and purge with things']],
  [['boards.*.read'], ['Can read everything in boards']],
  [['*.cards.move'], ['Can move cards in anything']],
  [
    ['a|b.read', '^secrets.read'],
    ['Can read a and b', 'Can read everything except secrets'],
  ],
  [[], []],
])('the permissions %j are described as %j', (permissions, sentences) => {
  expect(permissionSentences(permissions)).toEqual(sentences);
});

test.each<[words: string, secrets: SecretShown[]]>([
  [
    'The old secret was last used 3 days ago, the new one 2 minutes ago: you can revoke the old one.',
    [secret(9 * day, 3 * day), secret(4 * day, 2 * minute)],
  ],
  [
    'The old secret was last used 3 days ago, the new one 2 minutes ago: you can revoke the old one.',
    [secret(4 * day, 2 * minute), secret(9 * day, 3 * day)],
  ],
  [
    'The old secret was last used 1 hour ago, the new one 2 minutes ago: a program still uses the old one.',
    [secret(9 * day, hour), secret(day, 2 * minute)],
  ],
  [
    'The old secret was never used, the new one 2 minutes ago: you can revoke the old one.',
    [secret(9 * day, null), secret(day, 2 * minute)],
  ],
  [
    'The new secret has not been used yet. The old one was last used 1 hour ago: your program still has it.',
    [secret(9 * day, hour), secret(minute, null)],
  ],
  ['', [secret(9 * day, null), secret(minute, null)]],
  ['', [secret(9 * day, hour)]],
  ['', []],
])('of two secrets it is said which can go: %s', (words, secrets) => {
  expect(secretAdvice(secrets, now) ?? '').toBe(words);
});

test.each([
  [null, '', '86400'],
  [7 * day, '7', '86400'],
  [36 * hour, '36', '3600'],
  [5400, '90', '60'],
  [61, '2', '60'],
])('a lifetime of %j seconds is filled in as %s of %s', (seconds, lifetime, unit) => {
  expect(lifetimeParts(seconds)).toEqual([lifetime, unit]);
});

test('tokens are counted by day and by client, and the busiest day is told', async () => {
  const page = await render(
    usageChart({
      days: ['2026-11-20', '2026-11-21', '2026-11-22'],
      clients: [
        { clientId: 'acme:a', displayName: 'A', deleted: false, accessTokens: [1, 1200, 0] },
        { clientId: 'acme:b', displayName: 'B', deleted: true, accessTokens: [2, 34, 0] },
        { clientId: 'acme:c', displayName: 'C', deleted: false, accessTokens: [0, 0, 0] },
      ],
    }),
  );
  expect(page).toContain('1,237 in 3 days, at most 1,234 on 21 November 2026');
  // A day without tokens has no bar, and every bar can be seen.
  const heights = [...page.matchAll(/<rect [^>]*height="([\d.]+)"/g)].map(([, height]) => height);
  expect(heights).toEqual(['2', '100']);
  const words = page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
  expect(words).toMatch(/acme:a 1,201 1,201 acme:b deleted 36 36 /);
  expect(words).toMatch(/22 November 2026 0 21 November 2026 1,234 20 November 2026 3 /);
  expect(words).not.toContain('acme:c');
});

test('where there were no tokens, nothing is drawn', async () => {
  const page = await render(usageChart({ days: ['2026-11-22'], clients: [] }));
  expect(page).not.toContain('<svg');
  expect(page).toContain('No client got a token');
});

const usage = { days: [], clients: [] };
const roles = [
  { name: 'Owner', description: '', permissions: ['*'], manages: 'app' as const, builtIn: true },
  { name: 'Own', description: '', permissions: [], manages: 'nothing' as const, builtIn: false },
];
const client = {
  clientId: 'acme:default',
  name: 'default',
  displayName: 'Default',
  kind: 'server' as const,
  role: 'Owner',
  disabledAt: null,
  disabledBy: null,
  redirectUris: [],
  idTokenAlg: null,
  accessTokenTtl: null,
  accessTokenFormat: null,
  apiCallsLimit: null,
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
  createdAt: now,
};
const members = ['a1', 'a2'].map((accountId, index) => ({
  accountId,
  name: accountId,
  email: null,
  role: index ? 'Reader' : 'Owner',
  since: now,
}));

/** Where the forms of all pages of an app lead, for who may change so much. */
async function offered(manages: Manages, you: string): Promise<string[]> {
  const shown: AppShown & { createdAt: Date } = {
    name: 'acme',
    displayName: 'Acme',
    disabledAt: null,
    disabledBy: null,
    manages,
    createdAt: now,
  };
  const made = frame({
    name: 'Writ',
    assets: {
      pico: '',
      style: '',
      brand: '',
      favicon: '',
      copy: '',
      times: '',
      passkeys: '',
      signedOut: '/assets/signed-out.js',
      reference: '',
      referenceScript: '',
      admin: '',
      adminScript: '',
    },
  });
  const invitations = [
    {
      id: 'i',
      email: 'e@example.com',
      role: 'Own',
      invitedBy: null,
      createdAt: now,
      expiresAt: now,
    },
  ];
  const pages = await Promise.all(
    [
      appHome(made, { app: shown, clients: [client], usage, events: [] }),
      appMembers(made, { app: shown, you, members, roles, invitations }),
      appRoles(made, { app: shown, roles }),
      appActivity(made, { app: shown, events: [], next: null, newest: true, usage }),
      appSettings(made, {
        app: shown,
        clients: [client],
        members: 2,
        clientsRegister: true,
        roles: ['Own'],
      }),
      appClient(made, {
        app: shown,
        client,
        apiUse: { calls: 0, bytes: 0 },
        mayManage: manages !== 'nothing',
        roles,
        tokenFormats: [],
        longestAccessTokenTtl: null,
        members: [],
        secrets: [secret(day, null)],
        mayAddSecret: true,
      }),
    ].map((view) => render(view)),
  );
  const paths = pages.flatMap((page) =>
    [...page.matchAll(/(?:action="|class="(?:button|edit)" href=")\/apps\/acme\/([^"#]*)/g)].map(
      ([, path = '']) => path,
    ),
  );
  return [...new Set(paths)].sort();
}

test('a client that an operator disabled is enabled by nobody who sees its page', async () => {
  const page = async (disabledBy: 'member' | 'operator') =>
    render(
      appClient(
        frame({
          name: 'Writ',
          assets: {
            pico: '',
            style: '',
            brand: '',
            favicon: '',
            copy: '',
            times: '',
            passkeys: '',
            signedOut: '/assets/signed-out.js',
            reference: '',
            referenceScript: '',
            admin: '',
            adminScript: '',
          },
        }),
        {
          app: {
            name: 'acme',
            displayName: '',
            disabledAt: null,
            disabledBy: null,
            manages: 'app',
          },
          client: { ...client, disabledAt: now, disabledBy },
          apiUse: { calls: 0, bytes: 0 },
          mayManage: true,
          roles,
          tokenFormats: [],
          longestAccessTokenTtl: null,
          members: [],
          mayAddSecret: false,
        },
      ),
    );
  const [byMember, byOperator] = [await page('member'), await page('operator')];
  expect(byMember).toContain('action="/apps/acme/clients/default/enable"');
  expect(byMember).toContain('until you enable it');
  expect(byOperator).not.toMatch(/default\/(enable|disable)"|until you enable it/);
  expect(byOperator).toContain(
    'An administrator disabled this client, and only an administrator can enable it.',
  );
});

test('every member is offered what their role lets them change, and nothing else', async () => {
  const anybody = ['members/leave', 'roles'];
  const developer = [
    'clients/default/delete',
    'clients/default/disable',
    'clients/default/secrets',
    'clients/default/secrets/delete',
    'clients/default/settings',
    'clients/new',
    ...anybody,
  ];
  expect(await offered('nothing', 'a2')).toEqual(anybody);
  expect(await offered('clients', 'a2')).toEqual(developer);
  // The only Owner cannot leave.
  expect(await offered('app', 'a1')).toEqual(
    [
      ...developer.filter((path) => path !== 'members/leave'),
      'delete',
      'disable',
      'members/hand-over',
      'members/invite',
      'members/remove',
      'members/revoke',
      'members/role',
      'roles/edit',
      'roles/edit?name=Own',
      'settings',
    ].sort(),
  );
  // An administrator who is no member has nothing to leave or to hand over.
  expect(await offered('app', 'somebody')).not.toContain('members/leave');
  expect(await offered('nothing', 'somebody')).not.toContain('members/leave');
});
