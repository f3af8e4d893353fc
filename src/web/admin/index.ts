/** `/admin`: the console. Its rules are those of the API, with the rights that a person's roles give. */
import type Router from '@koa/router';
import type { Pages } from '../framework/page-guards.ts';
import { adminAppPages } from './apps.ts';
import { auditPages } from './audit.ts';
import { brandPages } from './brand.ts';
import { bulkRevocationPages } from './bulk-revocations.ts';
import { clientConnectPages } from './client-connect.ts';
import { clientPages } from './clients.ts';
import { type Console, createConsole } from './console.ts';
import { crossAppAccessPages } from './cross-app-access.ts';
import { dialectPages } from './dialects.ts';
import { homePages } from './home.ts';
import { identityProviderPages } from './identity-providers.ts';
import { jobPages } from './jobs.ts';
import { keyPages } from './keys.ts';
import { mailPages } from './mail.ts';
import { peoplePages } from './people.ts';
import { personPages } from './person.ts';
import { resourcePages } from './resources.ts';
import { rolePages } from './roles.ts';
import { searchPages } from './search.ts';
import { settingPages } from './settings.ts';
import { severalPeoplePages } from './several-people.ts';
import { signalStreamPages } from './signal-streams.ts';
import { tokenPages } from './tokens.ts';
import { trustedIssuerPages } from './trusted-issuers.ts';

type Dependencies = { pages: Pages } & Parameters<typeof homePages>[1] &
  Parameters<typeof settingPages>[1] &
  Parameters<typeof brandPages>[1] &
  Parameters<typeof mailPages>[1] &
  Parameters<typeof jobPages>[1] &
  Parameters<typeof dialectPages>[1] &
  Parameters<typeof trustedIssuerPages>[1] &
  Parameters<typeof identityProviderPages>[1] &
  Parameters<typeof crossAppAccessPages>[1] &
  Parameters<typeof signalStreamPages>[1] &
  Parameters<typeof tokenPages>[1] &
  Parameters<typeof bulkRevocationPages>[1] &
  Parameters<typeof peoplePages>[1] &
  Parameters<typeof severalPeoplePages>[1] &
  Parameters<typeof auditPages>[1] &
  Parameters<typeof clientPages>[1] &
  Parameters<typeof clientConnectPages>[1] &
  Parameters<typeof resourcePages>[1] &
  Parameters<typeof keyPages>[1] &
  Parameters<typeof adminAppPages>[1] &
  Parameters<typeof searchPages>[1] &
  Parameters<typeof personPages>[1] &
  Parameters<typeof rolePages>[1];

/** Mounts the pages of the console, and returns their declarations. */
export function adminPages(
  router: Router,
  { pages, ...dependencies }: Dependencies,
): Console['routes'] {
  const admin = createConsole(router, pages);
  homePages(admin, dependencies);
  auditPages(admin, dependencies);
  settingPages(admin, dependencies);
  brandPages(admin, dependencies);
  mailPages(admin, dependencies);
  jobPages(admin, dependencies);
  peoplePages(admin, dependencies);
  severalPeoplePages(admin, dependencies);
  personPages(admin, dependencies);
  rolePages(admin, dependencies);
  clientPages(admin, dependencies);
  clientConnectPages(admin, dependencies);
  adminAppPages(admin, dependencies);
  resourcePages(admin, dependencies);
  dialectPages(admin, dependencies);
  trustedIssuerPages(admin, dependencies);
  identityProviderPages(admin, dependencies);
  crossAppAccessPages(admin, dependencies);
  signalStreamPages(admin, dependencies);
  // Before the pages of tokens by their IDs.
  bulkRevocationPages(admin, dependencies);
  tokenPages(admin, dependencies);
  keyPages(admin, dependencies);
  searchPages(admin, dependencies);
  return admin.routes;
}
