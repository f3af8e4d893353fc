import { createAuthenticate } from '../api/framework/authenticate.ts';
import { type Api, createApi } from '../api/index.ts';
import type { Domain } from '../domain/index.ts';

type Options = Pick<Parameters<typeof createApi>[0], 'issuer' | 'database' | 'keys' | 'diagnose'>;

/** `/api/v1`, with the parts of the domain that its operations use. */
export function wireApi(domain: Domain, options: Options): Api {
  const {
    accounts,
    accountDeletion,
    sessions,
    invitations,
    connectedClients,
    registry,
    resources,
    roles,
  } = domain;
  const { apps, appClients, appApiKeys, appRoles, appMembers, appInvitations } = domain;
  const { appActivity, namedTokens, apiTokens, leaks, grants, revokeWithGrant, audit } = domain;
  const { clientSecrets, clientApiKeys, findPrincipal } = domain;
  return createApi({
    ...options,
    authenticate: createAuthenticate(findPrincipal),
    accounts,
    accountDeletion,
    sessions,
    invitations,
    connectedClients,
    clients: registry,
    clientSecrets,
    clientApiKeys,
    resources,
    roles,
    apps,
    appClients,
    appApiKeys,
    appRoles,
    appMembers,
    appInvitations,
    appActivity,
    namedTokens,
    apiTokens,
    leaks,
    grants,
    revokeWithGrant,
    audit,
  });
}
