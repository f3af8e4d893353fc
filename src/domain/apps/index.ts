/**
 * APPS: clients under an owner. People make them themselves, hand their clients to servers, websites, phones
 * and devices, each with a role, and see what happens. Whoever is no member learns nothing of an app: all
 * that is here throws `not_found` for it, `access_denied` where a role is too small, `conflict` where
 * something else must be done first, and `invalid_request` for what cannot be.
 */
import type { Database } from '../../../db/database.ts';
import type { Product } from '../accounts/password-policy.ts';
import type { Audit } from '../audit/events.ts';
import type { ClientSecrets } from '../clients/secrets.ts';
import type { ClientStore } from '../clients/store.ts';
import { createDistinctNames } from '../names/look-alikes.ts';
import type { Resources } from '../resources/resources.ts';
import type { ApiKeys } from '../tokens/named/types.ts';
import { createAccess } from './access.ts';
import { createAppActivity } from './activity.ts';
import { createAppApiKeys } from './api-keys.ts';
import { createApiUsage } from './api-usage.ts';
import { createApps } from './apps.ts';
import { createChangeClient } from './client-access.ts';
import { createAppClients, createMakeClient } from './clients.ts';
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
}

/** Everything of apps, over one database. */
export function createAppsDomain({
  database,
  product,
  audit,
  clientStore,
  secrets,
  resources,
  apiKeys,
  peopleCreateApps = true,
}: AppsDependencies): AppsDomain {
  const { kysely } = database;
  const access = createAccess({ database });
  const changeClient = createChangeClient({ access });
  const requireDistinctName = createDistinctNames({ product });
  const makeClient = createMakeClient({ clientStore, resources, requireDistinctName });
  return {
    apps: createApps({
      access,
      kysely,
      resources,
      makeClient,
      requireDistinctName,
      peopleCreateApps,
    }),
    appClients: createAppClients({
      access,
      changeClient,
      clientStore,
      secrets,
      resources,
      makeClient,
      requireDistinctName,
    }),
    appApiKeys: createAppApiKeys({ access, changeClient, apiKeys }),
    appRoles: createAppRoles({ access, kysely }),
    appMembers: createAppMembers({
      access,
      credentials: createMemberCredentials({ secrets, apiKeys }),
    }),
    appInvitations: createAppInvitations({ access, kysely }),
    appActivity: createAppActivity({ access, audit }),
    appApiUsage: createApiUsage({ database, access }),
  };
}
