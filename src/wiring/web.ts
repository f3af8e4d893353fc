import type { Middleware } from 'koa';
import { commandLineApiClientId, commandLineClientId } from '../../config/clients.ts';
import { dialectResources, unchosenResources } from '../../config/dialects.ts';
import type { Settings } from '../../config/settings.ts';
import type { Keyring } from '../crypto/sealing.ts';
import { createListDialects } from '../dialects/states.ts';
import type { IssueTrialToken } from '../domain/apps/types.ts';
import { createConsentRequests } from '../domain/grants/consent/requests.ts';
import { createDeviceRequests } from '../domain/grants/device/requests.ts';
import type { Domain } from '../domain/index.ts';
import { apiResource } from '../domain/installation/installation.ts';
import { sampleResource } from '../domain/installation/sample.ts';
import { createListSettings } from '../domain/installation/settings.ts';
import type { IssuerKeys } from '../domain/issuers/types.ts';
import type { VerifyIssued } from '../domain/issuers/verify.ts';
import type { Keys } from '../domain/keys/index.ts';
import { createProviderFlows } from '../domain/providers/flows.ts';
import { createProviderSignOut } from '../domain/providers/sign-out.ts';
import type { Upstream } from '../domain/providers/types.ts';
import type { EphemeralStore } from '../domain/short-lived/store.ts';
import { createExampleApi, examplePath } from '../example/index.ts';
import { consolePlace } from '../http/console-port.ts';
import type { Log } from '../http/log.ts';
import type { RefusalLog } from '../http/refusal-log.ts';
import { urlOf } from '../oauth/issuer.ts';
import { createRequestingClient } from '../protocol/continued-request.ts';
import type { ReadOutbox } from '../web/account/outbox.ts';
import type { Assets } from '../web/brand/assets.ts';
import { createWeb, type Web } from '../web/index.ts';
import { dialectDeviceRules } from './dialects.ts';

interface Options {
  issuer: string;
  settings: Settings;
  /** The checks of `writ doctor`. */
  diagnose: Parameters<typeof createWeb>[0]['diagnose'];
  keyring: Keyring;
  ephemeral: EphemeralStore;
  /** The connection to other identity providers. */
  upstream: Upstream;
  issuerKeys: Pick<IssuerKeys, 'check' | 'state'>;
  verifyIssued: VerifyIssued;
  signingKeys: Keys;
  issueTrialToken: IssueTrialToken;
  /** The OpenAPI document of `/api/v1`. */
  readDocument: () => Promise<unknown>;
  assets: Assets;
  readOutbox: ReadOutbox | undefined;
  log: Log;
  noteRefusal: RefusalLog['note'];
}

/** The pages, with the parts of the domain that they use. */
export function wireWeb(domain: Domain, options: Options): Web {
  const { issuer, settings, keyring, ephemeral, upstream, issueTrialToken, readDocument } = options;
  const { assets, log, noteRefusal } = options;
  const {
    accounts,
    accountDeletion,
    sessions,
    clientLogins,
    factorRequirement,
    factorResets,
    resolveLogout,
    signIn,
    passwords,
    invitations,
    signInByInvitation,
    passwordResets,
    signInByResetLink,
    emailChange,
    limits,
    connectedClients,
    delegations,
    listConnections,
    consentMemory,
    keyPairs,
  } = domain;
  const { apps, appClients, appApiKeys, appRoles, appMembers, appInvitations } = domain;
  const { appActivity, appAgents, appApiUsage, personalTokens, clients, resources, audit } = domain;
  const { describeDetail, roles, database, providers, identities, completion } = domain;
  const hidden = unchosenResources(settings.chosenDialects);
  const requests = {
    keyring,
    ephemeral,
    clients,
    resources,
    roles,
    accounts,
    audit,
    describeDetail,
  };
  return createWeb({
    issuer,
    figures: domain.figures,
    listMails: domain.listMails,
    mailActs: domain.mailActs,
    jobRuns: domain.jobRuns,
    listDialects: createListDialects(settings.DIALECTS),
    attention: domain.attention,
    crossAppAccess: domain.crossAppAccess,
    signalStreams: domain.signalStreams,
    diagnose: options.diagnose,
    settings: options.settings,
    listSettings: createListSettings(settings, issuer),
    assets,
    hasConsole: consolePlace(settings.ADMIN_PORT),
    log,
    noteRefusal,
    issueTrialToken,
    readDocument,
    issueApiTrialToken: domain.issueApiTrialToken,
    exampleApi: settings.embedded ? urlOf(issuer, examplePath) : undefined,
    exampleResource: settings.embedded ? sampleResource : undefined,
    deviceRequests: createDeviceRequests({
      ...requests,
      apiResource: apiResource(issuer),
      deviceDecisions: domain.deviceDecisions,
      rules: new Map([
        ...dialectDeviceRules(settings),
        [commandLineClientId, { isNarrowed: true }],
        [commandLineApiClientId, { isPersonal: true }],
      ]),
    }),
    consentRequests: createConsentRequests({
      ...requests,
      apiResource: apiResource(issuer),
      consentDecisions: domain.consentDecisions,
      consentMemory: domain.consentMemory,
      subjectFor: domain.subjectFor,
    }),
    registration: settings.DIALECTS.includes('datasette')
      ? { registeredClients: domain.registeredClients, resource: dialectResources.datasette }
      : undefined,
    accounts,
    accountDeletion,
    personalData: domain.personalData,
    emailVerification: domain.emailVerification,
    factorRequirement,
    factorResets,
    sessions,
    clientLogins,
    resolveLogout,
    signIn,
    passwords,
    passkeys: domain.passkeys,
    completion,
    providers,
    identities,
    upstream,
    providerFlows: createProviderFlows({ keyring, ephemeral }),
    providerSignOut: createProviderSignOut({ database, providers, upstream }),
    invitations,
    signInByInvitation,
    passwordResets,
    signInByResetLink,
    mailDelivery: settings.SMTP_URL !== undefined ? 'email' : settings.embedded ? 'outbox' : 'none',
    emailChange,
    signInCodes: domain.signInCodes,
    readOutbox: options.readOutbox,
    accountRegistration: domain.registration,
    factorStep: domain.factorStep,
    authenticators: domain.authenticators,
    recoveryCodes: domain.recoveryCodes,
    rememberedBrowsers: domain.rememberedBrowsers,
    hasSecondFactor: domain.hasSecondFactor,
    requestingClient: createRequestingClient({ keyring, clients }),
    limits,
    connectedClients,
    delegations,
    listConnections,
    consentMemory,
    keyPairs,
    apps: {
      ...apps,
      openResources: async () =>
        (await apps.openResources()).filter(({ identifier }) => !hidden.includes(identifier)),
    },
    appClients,
    appApiKeys,
    appRoles,
    appMembers,
    appInvitations,
    appActivity,
    appAgents,
    trustedIssuers: domain.trustedIssuers,
    namedTokens: domain.namedTokens,
    explainToken: domain.explainToken,
    accountFactors: domain.accountFactors,
    endEverything: domain.endEverything,
    apiResource: apiResource(issuer),
    signingKeys: options.signingKeys,
    registry: domain.registry,
    clientTrials: domain.clientTrials,
    clientSecrets: domain.clientSecrets,
    clientRefusals: domain.clientRefusals,
    bulkRevocations: domain.bulkRevocations,
    resources,
    audit,
    grants: domain.grants,
    roles,
    issuerKeys: options.issuerKeys,
    verifyIssued: options.verifyIssued,
    appInitialAccessTokens: domain.appInitialAccessTokens,
    clientsRegister: settings.CLIENT_REGISTRATION !== 'off',
    appApiUsage,
    personalTokens,
    hiddenResources: hidden,
  });
}

/** The example API, which only an embedded installation has. */
export function wireExample({ find, lastUsed }: Domain, issuer: string): Middleware {
  return createExampleApi({
    find,
    lastUsed,
    resource: sampleResource,
    apiResource: apiResource(issuer),
  });
}
