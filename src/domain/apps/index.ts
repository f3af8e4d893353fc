/**
 * Apps: groups of clients with an owner. People create apps themselves, deploy their clients on servers, websites,
 * phones and devices, each with a role, and see what happens in them.
 *
 * All operations throw `not_found` for non-members, who learn nothing about an app, `access_denied` if the actor's
 * role is insufficient, `conflict` if something else must be done first, and `invalid_request` for invalid input.
 */
import type { Database } from '../../../db/database.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import type { Product } from '../accounts/password-policy.ts';
import type { Audit } from '../audit/events.ts';
import type { AgentUse } from '../clients/agents.ts';
import type { RegisterInApp } from '../clients/registrations/registrations.ts';
import type { ClientSecrets } from '../clients/secrets.ts';
import type { ClientStore } from '../clients/store.ts';
import type { Delegations } from '../delegations/delegations.ts';
import type { Limits } from '../limits/rate-limits.ts';
import { createDistinctNames } from '../names/look-alikes.ts';
import type { Resources } from '../resources/resources.ts';
import type { ApiKeys } from '../tokens/named/types.ts';
import { createAccess } from './access.ts';
import { createAppActivity } from './activity.ts';
import { createAppAgents } from './agents.ts';
import { createAppApiKeys } from './api-keys.ts';
import { createApiUsage } from './api-usage.ts';
import { createApps } from './apps.ts';
import { createChangeClient } from './client-access.ts';
import { createAppClients, createClientCreator } from './clients.ts';
import { createAppInitialAccessTokens, createRegisterInApp } from './initial-access-tokens.ts';
import { createAppInvitations } from './invitations.ts';
import { createMemberCredentials } from './member-credentials.ts';
import { createAppMembers } from './members.ts';
import { createAppRoles } from './roles.ts';
import type { AppsDomain } from './types.ts';

interface AppsDependencies {
  database: Database;
  product: Product;
  audit: Audit;
  clientStore: ClientStore;
  secrets: ClientSecrets;
  resources: Resources;
  apiKeys: ApiKeys;
  /** Whether people can create apps; operators always can. Default: yes. */
  peopleCreateApps?: boolean | undefined;
  keyring: Pick<Keyring, 'seal'>;
  limits: Limits;
  delegations: Pick<Delegations, 'listPeople'>;
  agentUse: AgentUse;
  /** Whether there is a mail server. */
  sendsEmails: boolean;
}

/** Creates the operations on apps. */
export function createAppsDomain({
  database,
  product,
  audit,
  clientStore,
  secrets,
  resources,
  apiKeys,
  peopleCreateApps = true,
  keyring,
  limits,
  delegations,
  agentUse,
  sendsEmails,
}: AppsDependencies): AppsDomain & { registerInApp: RegisterInApp } {
  const { kysely } = database;
  const access = createAccess({ database });
  const changeClient = createChangeClient({ access });
  const requireDistinctName = createDistinctNames({ product });
  const clientCreator = createClientCreator({ clientStore, resources, requireDistinctName });
  return {
    apps: createApps({
      access,
      kysely,
      resources,
      clientCreator,
      requireDistinctName,
      peopleCreateApps,
    }),
    appClients: createAppClients({
      access,
      changeClient,
      clientStore,
      secrets,
      resources,
      clientCreator,
      requireDistinctName,
    }),
    appApiKeys: createAppApiKeys({ access, changeClient, apiKeys }),
    appRoles: createAppRoles({ access, kysely }),
    appMembers: createAppMembers({
      access,
      credentials: createMemberCredentials({ secrets, apiKeys }),
    }),
    appInvitations: createAppInvitations({ access, kysely, keyring, limits, sendsEmails }),
    appActivity: createAppActivity({ access, audit }),
    appInitialAccessTokens: createAppInitialAccessTokens({ access }),
    registerInApp: createRegisterInApp({ clientCreator }),
    appAgents: createAppAgents({ database, access, changeClient, audit, delegations, agentUse }),
    appApiUsage: createApiUsage({ database, access }),
  };
}
