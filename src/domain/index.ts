/**
 * The domain: what the server knows and decides, created once for a database. It knows neither Koa nor
 * oidc-provider. It refuses with an `OAuthError`, which the face that called it turns into a response.
 */
import { createSecretKey } from 'node:crypto';
import type { DocumentPolicy } from '../../config/client-documents.ts';
import type { ClientRegistrationMode } from '../../config/client-registration.ts';
import { lifetimes } from '../../config/lifetimes.ts';
import { requestLimits as defaultLimits, type RequestLimits } from '../../config/limits.ts';
import type { Settings } from '../../config/settings.ts';
import type { Database } from '../../db/database.ts';
import type { RedisConnection } from '../../db/redis.ts';
import type { PasswordHasher } from '../crypto/password.ts';
import type { Keyring } from '../crypto/sealing.ts';
import { accountHasFactor, createAccountFactors } from './accounts/account-factors.ts';
import { createAccounts } from './accounts/accounts.ts';
import { createAuthenticators } from './accounts/authenticator.ts';
import { createClientLogins } from './accounts/client-logins.ts';
import { createAccountDeletion } from './accounts/deletion.ts';
import { createEmailChange } from './accounts/email-change.ts';
import { createEmailVerification } from './accounts/email-verification.ts';
import { createEndEverything } from './accounts/end-everything.ts';
import { createFactorPolicy, type InstallationFactorPolicy } from './accounts/factor-policy.ts';
import { createFactorResets } from './accounts/factor-resets.ts';
import { createFactorStep } from './accounts/factor-step.ts';
import { createInvitations } from './accounts/invitations.ts';
import { createKnownBrowsers } from './accounts/known-browsers.ts';
import { createLinkSignIn } from './accounts/link-sign-in.ts';
import { createLogoutRequests } from './accounts/logout-requests.ts';
import type { Product } from './accounts/password-policy.ts';
import { createPasswordResets } from './accounts/password-resets.ts';
import { createPasswords } from './accounts/passwords.ts';
import { createPendingSignIns } from './accounts/pending-sign-in.ts';
import { createPersonalData } from './accounts/personal-data.ts';
import { createRecoveryCodes } from './accounts/recovery-codes.ts';
import {
  createRegistration,
  type RegistrationRules,
} from './accounts/registration/registration.ts';
import { createRememberedBrowsers } from './accounts/remembered-browsers.ts';
import { createSessions } from './accounts/sessions.ts';
import { createSetPassword } from './accounts/set-password.ts';
import { createSignIn } from './accounts/sign-in.ts';
import { createCodeRequirement, createSignInCodes } from './accounts/sign-in-codes.ts';
import { createSignInCompletion } from './accounts/sign-in-completion.ts';
import { createAssignedRoleLookup } from './apps/assigned-roles.ts';
import { createAppsDomain } from './apps/index.ts';
import { createCountedEvents } from './audit/counted-events.ts';
import { createAudit } from './audit/events.ts';
import { createAuditPartitions } from './audit/partitions.ts';
import { createRefusals } from './audit/refusals.ts';
import { createRevocationStreams } from './audit/revocation-streams.ts';
import { createRevocations } from './audit/revocations.ts';
import { createAgentAdmission, createAgentUse } from './clients/agents.ts';
import { createClientApiKeys } from './clients/api-keys.ts';
import { createClientRegistry } from './clients/clients.ts';
import { openDigestKeys } from './clients/digest-keys.ts';
import type { FetchDocument } from './clients/documents/document.ts';
import { createDocumentLookup } from './clients/documents/document-clients.ts';
import { createKeyPairs } from './clients/key-pairs.ts';
import { createClientLookup, createClientLookupWithRoles } from './clients/lookup.ts';
import { createManagedSecrets } from './clients/managed-secrets.ts';
import type { ValidateMetadata } from './clients/merge-patch.ts';
import { createRegisteredClients } from './clients/registered-clients.ts';
import { createInitialAccessTokens } from './clients/registrations/initial-access-tokens.ts';
import { createRegistrations } from './clients/registrations/registrations.ts';
import { createClientSecrets } from './clients/secrets.ts';
import { createClientStore } from './clients/store.ts';
import { createSubjectFor, type VerifySector } from './clients/subjects.ts';
import { createThirdPartyApps } from './clients/third-party-apps.ts';
import { createClientTrials } from './clients/trials.ts';
import { createUnusedClients } from './clients/unused-clients.ts';
import { createCrossAppAccess } from './cross-app-access/cross-app-access.ts';
import { createClock, type Now } from './database/clock.ts';
import { orUnavailable } from './database/retry.ts';
import { createDelegations } from './delegations/delegations.ts';
import { createConnectedApps } from './grants/connected-apps.ts';
import { createConnectedClients } from './grants/connected-clients.ts';
import { createConsentDecisions } from './grants/consent/decisions.ts';
import { createConsentMemory } from './grants/consent/memory.ts';
import { createSilentApproval } from './grants/consent/silent.ts';
import type { DescribeDetail } from './grants/detail-descriptions.ts';
import { createDeviceDecisions } from './grants/device/decisions.ts';
import { createPollLookup } from './grants/device/poll-lookup.ts';
import {
  createFallbackPolls,
  createPostgresPolls,
  createRedisPolls,
} from './grants/device/polling-interval.ts';
import { createGrantStates } from './grants/grant-state.ts';
import { createGrants } from './grants/grants.ts';
import { createAttention } from './installation/attention.ts';
import { createClientRefusals } from './installation/client-refusals.ts';
import { createFigures } from './installation/figures.ts';
import { readApiResource } from './installation/installation.ts';
import { createJobRuns } from './installation/job-runs.ts';
import { createTrustedIssuers } from './issuers/issuers.ts';
import { createAlgorithmsInUse } from './keys/algorithms.ts';
import { ensureSealedKey, openSealedKeys } from './keys/sealed-keys.ts';
import { createLimits } from './limits/rate-limits.ts';
import { createRequestLimits } from './limits/request-limits.ts';
import { createMailActs } from './mail/outbox-acts.ts';
import { createMailList } from './mail/outbox-list.ts';
import { createDistinctNames } from './names/look-alikes.ts';
import { createPasskeysDomain } from './passkeys/index.ts';
import { relyingPartyOf } from './passkeys/relying-party.ts';
import { createIdentities } from './providers/identities.ts';
import { createProviders } from './providers/providers.ts';
import type { SuitsResource } from './resources/details.ts';
import { createResources } from './resources/resources.ts';
import { createRoles } from './roles/roles.ts';
import { createSignalOutbox } from './signals/outbox.ts';
import { createSignalStreams } from './signals/streams.ts';
import { createApiTrialTokens } from './tokens/api-trial-token.ts';
import { createBulkRevocations } from './tokens/bulk-revocations.ts';
import { createClientUsage } from './tokens/client-usage.ts';
import { createTokenExplanation } from './tokens/explanation.ts';
import { createFindToken } from './tokens/find-by-value.ts';
import { createTokenIssue } from './tokens/issue.ts';
import { createJwtAudiences } from './tokens/jwt-audiences.ts';
import { createLastUsed } from './tokens/last-used.ts';
import { createLeaks } from './tokens/leaks.ts';
import { createNamedTokensDomain } from './tokens/named/index.ts';
import { createPartitions } from './tokens/partitions.ts';
import { createFindPrincipal } from './tokens/principal.ts';
import { createRedemptions } from './tokens/redemptions.ts';
import { createRevokeWithGrant, createTokenRevocation } from './tokens/revocation.ts';
import { createTokenLookup } from './tokens/token-state.ts';

export type Domain = Awaited<ReturnType<typeof createDomain>>;

/**
 * Creates the domain. The database must be migrated and have its installation (`ensureInstallation`). Throws
 * SealError if SECRET_KEYS does not open its keys.
 */
export async function createDomain({
  database,
  keyring,
  redis,
  limits: table = defaultLimits,
  now,
  hasher,
  product,
  sessionsPerAccount,
  secondFactor = { who: 'optional', days: 0 },
  factorResetHours = 24,
  passkeyOrigins,
  rememberedBrowserDays = 30,
  peopleCreateApps,
  sendsEmails = false,
  signInChallenge = 'off',
  registration,
  validateMetadata,
  verifySector,
  describeDetail,
  suitsResource,
  clientDocuments,
  clientRegistration = 'off',
  pushesPrivately = false,
  onError,
}: {
  database: Database;
  keyring: Keyring;
  product: Product;
  /** Maximum sessions of an account. */
  sessionsPerAccount?: number | undefined;
  /** The policy of the installation for second factors. */
  secondFactor?: InstallationFactorPolicy | undefined;
  /** How long a reset of second factors waits. */
  factorResetHours?: number | undefined;
  /** Origins besides that of the issuer whose pages can use passkeys. */
  passkeyOrigins?: readonly string[] | undefined;
  /** How long browsers are not asked for a second factor again; 0: every sign-in asks. Default: 30. */
  rememberedBrowserDays?: number | undefined;
  /** Whether people can create apps. Default: yes. */
  peopleCreateApps?: boolean | undefined;
  /** Whether there is a mail server. Default: no. */
  sendsEmails?: boolean | undefined;
  /** When a sign-in from an unknown browser needs a code by email. Default: never. */
  signInChallenge?: Settings['SIGN_IN_CHALLENGE'] | undefined;
  /** How people can register; undefined if they cannot. */
  registration?: RegistrationRules | undefined;
  /** Whether security events can be pushed to private networks. Default: no. */
  pushesPrivately?: boolean | undefined;
  /** For rate limits and device polling intervals; without it, both use the database. */
  redis?: RedisConnection | undefined;
  /** The request limits of this installation. */
  limits?: RequestLimits | undefined;
  /** The clock of the process; replaced in tests. */
  now?: Now | undefined;
  /** Hashes passwords of people; replaced by a cheaper one in tests. */
  hasher?: PasswordHasher | undefined;
  /** Validates client metadata by the rules of the protocol engine, which the domain does not know. */
  validateMetadata: ValidateMetadata;
  /** Checks the document at a `sector_identifier_uri`, which only a running server does. */
  verifySector?: VerifySector | undefined;
  /**
   * Describes objects in `authorization_details` (RFC 9396) for resources with better sentences than their declared
   * types.
   */
  describeDetail?: DescribeDetail | undefined;
  /**
   * Whether an object in `authorization_details` has the form that its resource uses. By default, anything of a
   * declared type.
   */
  suitsResource?: SuitsResource | undefined;
  /** Whose metadata documents are read, and how; without it, no client has one. */
  clientDocuments?:
    | {
        policy: DocumentPolicy;
        fetchDocument: FetchDocument;
        /** Called with why a document could not be used. */
        onProblem: (url: string, problem: Error) => void;
      }
    | undefined;
  /** Who can register clients. Default: no one. */
  clientRegistration?: ClientRegistrationMode | undefined;
  /** Called with errors of writes that no request waits for. */
  onError: (error: unknown) => void;
}) {
  const { kysely } = database;
  const digestKeys = await openDigestKeys(kysely, keyring);
  const subjectFor = createSubjectFor(await ensureSealedKey(kysely, keyring, 'pairwise-subjects'));
  const cookieKeys = (await openSealedKeys(kysely, keyring, 'cookies')).map(({ key }) => key);
  const knownBrowsers = createKnownBrowsers(cookieKeys.map((key) => createSecretKey(key)));
  const window = lifetimes.redemptionWindow;

  const audit = { ...createAudit({ database }), ...createRefusals({ database, onError }) };
  const limits = createLimits({ database, redis });
  const requestLimits = createRequestLimits({ limits, table });
  const usage = createClientUsage({ database });
  const clientRefusals = createClientRefusals({ database });
  const bulkRevocations = createBulkRevocations({ database, onError });
  const figures = createFigures({ database, clientRefusals });
  const counts = {
    write: async () => {
      await usage.write();
      await clientRefusals.write();
      await figures.write();
    },
  };
  const lastUsed = createLastUsed({ database, usage: counts, onError });
  const partitions = createPartitions({ database });
  const grants = createGrants({ database });
  const apiResource = await readApiResource(kysely);
  const resources = createResources({ database, apiResource, suitsResource });
  const consentMemory = createConsentMemory({ database, grants });
  const connectedClients = createConnectedClients({
    database,
    grants,
    resources,
    consentMemory,
    describeDetail,
  });
  const passwords = createPasswords({ database, limits, product, knownBrowsers, hasher });
  const accounts = createAccounts({ database });
  const factorPolicy = createFactorPolicy(secondFactor);
  const sessions = createSessions({ database, maxPerAccount: sessionsPerAccount, factorPolicy });
  const factorResets = createFactorResets({ database, keyring, waitingHours: factorResetHours });
  const completion = createSignInCompletion({
    database,
    sessions,
    knownBrowsers,
    pendingSignIns: createPendingSignIns(keyring),
    factorPolicy,
    codeRequirement: createCodeRequirement({
      challenge: signInChallenge,
      keyring,
      sendsEmails,
    }),
  });
  const { completeSignIn } = completion;
  const setPassword = createSetPassword({ database, product, limits, hasher });
  const invitations = createInvitations({
    database,
    keyring,
    product,
    setPassword,
    sendsEmails,
  });
  const passwordResets = createPasswordResets({
    database,
    keyring,
    limits,
    product,
    setPassword,
    sendsEmails,
  });
  const recoveryCodes = createRecoveryCodes({
    database,
    key: createSecretKey(await ensureSealedKey(kysely, keyring, 'recovery-codes')),
  });
  const authenticators = createAuthenticators({
    database,
    keyring,
    limits,
    recoveryCodes,
    factorPolicy,
    ...(now && { now: () => now() * 1000 }),
  });

  const stored = createClientLookup({ database });
  const secrets = createClientSecrets({
    database,
    keys: digestKeys,
    lastUsed,
    requestLimits,
    onError,
  });
  const clientStore = createClientStore({ database, secrets });
  const clients = clientDocuments
    ? createDocumentLookup({
        ...clientDocuments,
        database,
        stored,
        store: clientStore,
        validateMetadata,
        requestLimits,
      })
    : stored;
  const registry = createClientRegistry({
    store: clientStore,
    resources,
    apiResource,
    validateMetadata,
    verifySector,
  });

  const requireDistinctName = createDistinctNames({ product });
  const thirdPartyApps = createThirdPartyApps({
    database,
    registry,
    store: clientStore,
    apiResource,
    validateMetadata,
    requireDistinctName,
  });
  const roles = createRoles({ database, registrationRoles: registration?.roles });
  const grantStates = createGrantStates({ database });
  const lookup = createTokenLookup({ database, window, grantStates });
  const find = createFindToken(lookup);
  const revoke = createTokenRevocation({ database });
  const revocations = createRevocations({ database });
  const revokeWithGrant = createRevokeWithGrant({ revoke, grants });
  const tokens = { database, find, lookup, revokeWithGrant, clients, resources };
  const clock = createClock({ database, ...(now && { now }) });
  const named = createNamedTokensDomain({ ...tokens, clock, peopleCreateApps });
  const delegations = createDelegations({ database });
  const accountFactors = createAccountFactors(database);
  const rememberedBrowsers = createRememberedBrowsers({ database });
  const identities = createIdentities({ database, accounts });
  const keyPairs = createKeyPairs({ database, store: clientStore, clients, secrets, accounts });
  const issue = createTokenIssue({ database, partitions, clock, usage });

  const { registerInApp, ...appsDomain } = createAppsDomain({
    ...tokens,
    product,
    audit,
    clientStore,
    secrets,
    apiKeys: named.apiKeys,
    peopleCreateApps,
    keyring,
    limits,
    delegations,
    agentUse: createAgentUse(limits),
    sendsEmails,
  });

  return {
    database,
    clock,
    /** Keys that sign the cookies of the engine and the pages, newest first. */
    cookieKeys,
    limits,
    requestLimits,

    audit,
    auditPartitions: createAuditPartitions({ database }),
    revocations,
    revocationStreams: createRevocationStreams({ revocations, onError }),
    noteJwtAudience: createJwtAudiences({ database }),
    signalOutbox: createSignalOutbox({ database, issuer: product.issuer, revocations, clients }),
    signalStreams: createSignalStreams({
      database,
      keyring,
      clients,
      requestLimits,
      allowPrivate: pushesPrivately,
    }),

    accounts,
    sessions,
    clientLogins: createClientLogins({ database }),
    resolveLogout: createLogoutRequests({ clients, subjectFor }),
    invitations,
    signInByInvitation: createLinkSignIn({ accept: invitations.accept, completeSignIn }),
    signInByResetLink: createLinkSignIn({ accept: passwordResets.accept, completeSignIn }),
    completion,
    signInCodes: createSignInCodes({
      database,
      keyring,
      continueSignIn: completion.continueSignIn,
    }),
    passwordResets,
    registration: createRegistration(
      { database, keyring, product, limits, requestLimits, sendsEmails, hasher },
      registration,
    ),
    hasSecondFactor: (accountId: string) =>
      orUnavailable(() => accountHasFactor(kysely, accountId)),
    authenticators,
    recoveryCodes,
    rememberedBrowsers,
    factorStep: createFactorStep({
      database,
      limits,
      knownBrowsers,
      authenticators,
      recoveryCodes,
      completion,
      rememberedBrowserDays,
    }),
    emailVerification: createEmailVerification({ database, keyring }),
    emailChange: createEmailChange({ database, keyring, limits, sendsEmails }),
    passwords,
    accountFactors,
    factorRequirement: (accountId: string) =>
      orUnavailable(() => factorPolicy.requirement(kysely, accountId)),
    factorResets,
    /** Undefined if browsers allow the issuer no passkeys. */
    passkeys: createPasskeysDomain({
      database,
      keyring,
      limits,
      completion,
      factorPolicy,
      recoveryCodes,
      rememberedBrowserDays,
      relyingParty: relyingPartyOf({
        issuer: product.issuer,
        name: product.brand,
        related: passkeyOrigins,
      }),
    }),
    endEverything: createEndEverything({ database, accounts, sessions }),
    personalData: createPersonalData({
      database,
      accounts,
      sessions,
      accountFactors,
      rememberedBrowsers,
      identities,
      connectedClients,
      consentMemory,
      delegations,
      keyPairs,
      personalTokens: named.personalTokens,
      audit,
    }),
    accountDeletion: createAccountDeletion({ database, passwords, peopleCreateApps }),
    ...createSignIn({ database, completion, limits, knownBrowsers, hasher }),

    clients,
    registry,
    unusedClients: createUnusedClients({ database, store: clientStore }),
    initialAccessTokens: createInitialAccessTokens({ database, apiResource }),
    registrations: createRegistrations({
      database,
      registry,
      clients: stored,
      secrets,
      requestLimits,
      requireDistinctName,
      mode: clientRegistration,
      registerInApp,
    }),
    thirdPartyApps,
    registeredClients: createRegisteredClients({
      database,
      registry,
      thirdPartyApps,
      roles,
      audit,
      requireDistinctName,
    }),
    secrets,
    keyPairs,
    clientSecrets: createManagedSecrets({ kysely, clients: clientStore, secrets, apiResource }),
    clientTrials: createClientTrials({ kysely, clients: clientStore, apiResource }),
    clientApiKeys: createClientApiKeys({ kysely, clients: clientStore, apiKeys: named.apiKeys }),
    resources,
    roles,
    providers: createProviders({ database, keyring }),
    identities,
    trustedIssuers: createTrustedIssuers({ database }),
    /** Of tokens of trusted issuers, for the audit. */
    issuerUses: createCountedEvents({
      database,
      onError,
      result: 'success',
      kindOf: ({ details }) => [details?.['issuer'], details?.['rule'], details?.['sub']],
    }),

    crossAppAccess: createCrossAppAccess({ database, issuer: product.issuer }),
    /** Of ID-JAGs, for the audit. */
    crossAppUses: createCountedEvents({
      database,
      onError,
      result: 'success',
      kindOf: ({ details }) => [details?.['access'], details?.['account_id']],
    }),

    ...appsDomain,
    assignedRoles: createAssignedRoleLookup({ database }),

    algorithmsInUse: createAlgorithmsInUse({ database }),
    subjectFor,
    grants,
    grantStates,
    delegations,
    agentAdmission: createAgentAdmission({ limits }),
    connectedClients,
    listConnections: createConnectedApps({ connectedClients, consentMemory, resources }),
    describeDetail,
    deviceDecisions: createDeviceDecisions({ database }),
    clientsWithRoles: createClientLookupWithRoles({ database }),
    findPolled: createPollLookup({ database }),
    consentDecisions: createConsentDecisions({ database }),
    consentMemory,
    approveSilently: createSilentApproval({ database, resources, apiResource, consentMemory }),
    polls: redis
      ? createFallbackPolls(createRedisPolls({ redis }), createPostgresPolls({ database }))
      : createPostgresPolls({ database }),

    issue,
    issueApiTrialToken: createApiTrialTokens({
      kysely,
      accounts,
      clients,
      personalTokens: named.personalTokens,
      issue,
      apiResource,
    }),
    lookup,
    explainToken: createTokenExplanation({ database, lookup, grantStates }),
    find,
    findPrincipal: createFindPrincipal({ find, clients, lastUsed, audience: apiResource }),
    redemptions: createRedemptions({ database, window }),
    revoke,
    revokeWithGrant,
    partitions,
    figures,
    clientRefusals,
    bulkRevocations,
    listMails: createMailList({ database }),
    mailActs: createMailActs({ database, sendsEmails }),
    jobRuns: createJobRuns({ database }),
    attention: createAttention({ database }),
    lastUsed,
    leaks: createLeaks({ ...tokens, secrets, requestLimits }),
    ...named,
  };
}
