import type { Settings } from '../../config/settings.ts';
import { createAuthenticate } from '../api/framework/authenticate.ts';
import { type Api, createApi } from '../api/index.ts';
import { createListDialects } from '../dialects/states.ts';
import type { Domain } from '../domain/index.ts';
import { createListSettings } from '../domain/installation/settings.ts';
import type { IssuerKeys } from '../domain/issuers/types.ts';
import type { VerifyIssued } from '../domain/issuers/verify.ts';
import type { Upstream } from '../domain/providers/types.ts';
import { createReplayMarks } from '../domain/short-lived/replay-marks.ts';
import type { EphemeralStore } from '../domain/short-lived/store.ts';
import type { ReadCertificate } from '../http/client-certificate.ts';
import { createDpopNonces, nonceKey } from '../oauth/dpop.ts';

type Options = Pick<
  Parameters<typeof createApi>[0],
  | 'issuer'
  | 'appPages'
  | 'database'
  | 'keys'
  | 'diagnose'
  | 'authenticateClient'
  | 'signalPolls'
  | 'signalsChanged'
> & {
  settings: Settings;
  ephemeral: EphemeralStore;
  upstream: Upstream;
  issuerKeys: Pick<IssuerKeys, 'check'>;
  verifyIssued: VerifyIssued;
  certificateOf: ReadCertificate;
};

/** `/api/v1`, with the parts of the domain that its operations use. */
export function wireApi(
  domain: Domain,
  { settings, ephemeral, certificateOf, ...options }: Options,
): Api {
  const {
    accounts,
    accountDeletion,
    accountFactors,
    factorResets,
    sessions,
    invitations,
    connectedClients,
    consentMemory,
    registry,
    resources,
    roles,
    providers,
    identities,
    trustedIssuers,
  } = domain;
  const { apps, appClients, appApiKeys, appRoles, appMembers, appInvitations } = domain;
  const { appActivity, appAgents, namedTokens, apiTokens, leaks, grants, revokeWithGrant, audit } =
    domain;
  const { clientSecrets, clientApiKeys, findPrincipal } = domain;
  const [key] = domain.cookieKeys;
  return createApi({
    ...options,
    authenticate: createAuthenticate({
      issuer: options.issuer,
      findPrincipal,
      isFirstUse: createReplayMarks({ ephemeral }),
      nonces:
        settings.DPOP_NONCE === 'on' && key ? createDpopNonces(nonceKey(key, 'api')) : undefined,
      certificateOf,
    }),
    accounts,
    accountDeletion,
    accountFactors,
    factorResets,
    sessions,
    invitations,
    connectedClients,
    consentMemory,
    delegations: domain.delegations,
    clients: registry,
    clientSecrets,
    clientApiKeys,
    initialAccessTokens: domain.initialAccessTokens,
    resources,
    roles,
    providers,
    identities,
    trustedIssuers,
    crossAppAccess: domain.crossAppAccess,
    apps,
    appClients,
    appApiKeys,
    appRoles,
    appMembers,
    appInvitations,
    appActivity,
    appAgents,
    appInitialAccessTokens: domain.appInitialAccessTokens,
    namedTokens,
    apiTokens,
    leaks,
    grants,
    revokeWithGrant,
    audit,
    revocations: domain.revocations,
    revocationStreams: domain.revocationStreams,
    signalStreams: domain.signalStreams,
    findClient: domain.clients,
    findToken: domain.lookup,
    explainToken: domain.explainToken,
    figures: domain.figures,
    bulkRevocations: domain.bulkRevocations,
    clientRefusals: domain.clientRefusals,
    listMails: domain.listMails,
    mailActs: domain.mailActs,
    jobRuns: domain.jobRuns,
    listDialects: createListDialects(settings.DIALECTS),
    listSettings: createListSettings(settings, options.issuer),
    changeRetentionDays: settings.CHANGE_RETENTION_DAYS,
  });
}
