/** `/apps`: people create apps, connect their clients, and see what happens in them. The rules are in `src/domain/apps`. */
import type Router from '@koa/router';
import { appActivityPages } from './activity.ts';
import { appAgentPages } from './agent.ts';
import { appApiKeysPages } from './api-keys.ts';
import { appClientPages } from './client.ts';
import { appClientsPages } from './clients.ts';
import { appConnectPages } from './connect.ts';
import { appInvitationPages } from './invitations.ts';
import { appListPages } from './list.ts';
import { appMembersPages } from './members.ts';
import { appOverviewPages } from './overview.ts';
import { appRegistrationPages } from './registration.ts';
import { appRolesPages } from './roles.ts';
import { appSettingsPages } from './settings.ts';

type Dependencies = Parameters<typeof appListPages>[1] &
  Parameters<typeof appOverviewPages>[1] &
  Parameters<typeof appClientsPages>[1] &
  Parameters<typeof appClientPages>[1] &
  Parameters<typeof appAgentPages>[1] &
  Parameters<typeof appConnectPages>[1] &
  Parameters<typeof appApiKeysPages>[1] &
  Parameters<typeof appMembersPages>[1] &
  Parameters<typeof appRegistrationPages>[1] &
  Parameters<typeof appRolesPages>[1] &
  Parameters<typeof appActivityPages>[1] &
  Parameters<typeof appSettingsPages>[1] &
  Parameters<typeof appInvitationPages>[1];

/** `new` and `invitations` come before the names of apps and clients, which cannot have these names. */
export function appPages(router: Router, dependencies: Dependencies): void {
  appListPages(router, dependencies);
  appInvitationPages(router, dependencies);
  appOverviewPages(router, dependencies);
  appClientsPages(router, dependencies);
  appClientPages(router, dependencies);
  appAgentPages(router, dependencies);
  appConnectPages(router, dependencies);
  appApiKeysPages(router, dependencies);
  appMembersPages(router, dependencies);
  appRolesPages(router, dependencies);
  appRegistrationPages(router, dependencies);
  appActivityPages(router, dependencies);
  appSettingsPages(router, dependencies);
}
