import { expect, test } from '@jest/globals';
import { createKeyring } from '../../../src/crypto/sealing.ts';
import { createAppsDomain } from '../../../src/domain/apps/index.ts';
import type { AppsDomain } from '../../../src/domain/apps/types.ts';
import { createAudit } from '../../../src/domain/audit/events.ts';
import { createAgentUse } from '../../../src/domain/clients/agents.ts';
import { createDelegations } from '../../../src/domain/delegations/delegations.ts';
import { createLimits } from '../../../src/domain/limits/rate-limits.ts';
import { createApiKeys } from '../../../src/domain/tokens/named/api-keys.ts';
import { awayDatabase, openApps, outcome, unique } from './apps.ts';

const database = awayDatabase();

const actor = { kind: 'account', accountId: '00000000-0000-4000-8000-000000000000' } as const;
const { accountId } = actor;
const invitation = `writ_app_${unique('x').replaceAll('-', '').padEnd(43, 'ab1')}`.slice(0, 52);

const calls: Record<string, (apps: AppsDomain) => Promise<unknown>> = {
  'make an app': ({ apps }) => apps.create(actor, { displayName: 'A' }),
  'list apps': ({ apps }) => apps.list(actor, { limit: 1 }),
  'find an app': ({ apps }) => apps.find(actor, 'acme'),
  'change an app': ({ apps }) => apps.update(actor, 'acme', { displayName: 'B' }),
  'delete an app': ({ apps }) => apps.delete(actor, 'acme'),
  'list open APIs': ({ apps }) => apps.openResources(),
  'make a client': ({ appClients }) =>
    appClients.create(actor, 'acme', { name: 'c', kind: 'server', role: 'Owner' }),
  'list clients': ({ appClients }) => appClients.list(actor, 'acme'),
  'make a secret': ({ appClients }) => appClients.addSecret(actor, 'acme', 'default'),
  'list API keys': ({ appApiKeys }) => appApiKeys.list(actor, 'acme', 'default'),
  'make an API key': ({ appApiKeys }) =>
    appApiKeys.create(actor, 'acme', 'default', { name: 'a key' }),
  'try a client': ({ appClients }) => appClients.authorizeTrial(actor, 'acme', 'default'),
  'list roles': ({ appRoles }) => appRoles.list(actor, 'acme'),
  'make a role': ({ appRoles }) => appRoles.set(actor, 'acme', { name: 'A', permissions: [] }),
  'list built-in roles': ({ appRoles }) => appRoles.builtIn(),
  'change a built-in role': ({ appRoles }) =>
    appRoles.setBuiltIn({ name: 'Reader', permissions: [] }),
  'list members': ({ appMembers }) => appMembers.list(actor, 'acme'),
  leave: ({ appMembers }) => appMembers.remove(actor, 'acme', accountId),
  invite: ({ appInvitations }) =>
    appInvitations.create(actor, 'acme', { email: 'a@b', role: 'Reader' }),
  'follow a link': ({ appInvitations }) => appInvitations.find(invitation),
  'list what was received': ({ appInvitations }) => appInvitations.received(accountId),
  accept: ({ appInvitations }) => appInvitations.accept(accountId, accountId),
  'read what happened': ({ appActivity }) => appActivity.page(actor, 'acme', { limit: 1 }),
  'read numbers': ({ appActivity }) => appActivity.usage(actor, 'acme'),
};

test.each(Object.keys(calls))(
  '%s: an unreachable database is temporarily_unavailable',
  async (what) => {
    const { clientStore, secrets, resources } = openApps(database);
    const audit = createAudit({ database });
    const apiKeys = createApiKeys();
    const product = { brand: 'Writ', issuer: 'https://writ.test' };
    const apps = createAppsDomain({
      database,
      product,
      audit,
      clientStore,
      secrets,
      resources,
      apiKeys,
      keyring: createKeyring(['a key that seals emails']),
      limits: createLimits({ database }),
      delegations: createDelegations({ database }),
      agentUse: createAgentUse(createLimits({ database })),
      sendsEmails: false,
    });
    expect(await outcome(() => (calls[what] as (typeof calls)[string])(apps))).toBe(
      'temporarily_unavailable',
    );
  },
);
