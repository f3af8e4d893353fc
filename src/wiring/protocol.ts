import type { JWK } from 'jose';
import type { Provider } from 'oidc-provider';
import type { Settings } from '../../config/settings.ts';
import type { Keyring } from '../crypto/sealing.ts';
import type { IsTrusted } from '../domain/clients/certificates.ts';
import type { Domain } from '../domain/index.ts';
import { apiResource } from '../domain/installation/installation.ts';
import { createAccountOfSubject } from '../domain/issuers/subjects.ts';
import type { VerifyIssued } from '../domain/issuers/verify.ts';
import type { Workloads } from '../domain/issuers/workloads.ts';
import { createReplayMarks } from '../domain/short-lived/replay-marks.ts';
import type { EphemeralStore } from '../domain/short-lived/store.ts';
import type { ReadCertificate } from '../http/client-certificate.ts';
import type { RefusalLog } from '../http/refusal-log.ts';
import { createAuthenticate } from '../protocol/client-authentication.ts';
import { createClientForms } from '../protocol/client-form.ts';
import { createClientRegistration } from '../protocol/client-registration.ts';
import { createEndSession } from '../protocol/end-session.ts';
import { remoteKeysOf } from '../protocol/engine/client-keys.ts';
import { createVerifyIdTokenHint } from '../protocol/engine/id-token-hints.ts';
import { createSendLogout } from '../protocol/engine/logout-tokens.ts';
import { createProvider } from '../protocol/engine/provider.ts';
import { createAuthenticateBasic, createGuardEndpoints } from '../protocol/guard.ts';
import { createIntrospection } from '../protocol/introspection.ts';
import { createPersonCodes } from '../protocol/person-codes.ts';
import { createPersonTokens } from '../protocol/person-tokens.ts';
import { createRevocation } from '../protocol/revocation.ts';
import type { SignJwt } from '../protocol/sign-jwt.ts';
import { createMintAccessToken } from '../protocol/token/plain-access-token.ts';
import { createPlainClientCredentials } from '../protocol/token/plain-client-credentials.ts';
import { createPlainDevicePoll } from '../protocol/token/plain-device-poll.ts';
import { createPlainRefresh } from '../protocol/token/plain-refresh.ts';
import { createPlainRequests } from '../protocol/token/plain-requests.ts';
import { createResourcePolicy } from '../protocol/token/resource.ts';
import { createTrialTokens } from '../protocol/trial-token.ts';
import { createReadWorkload } from '../protocol/workload-identity.ts';
import type { Web } from '../web/index.ts';

interface Options {
  issuer: string;
  settings: Settings;
  keyring: Keyring;
  ephemeral: EphemeralStore;
  workloads: Workloads;
  verifyIssued: VerifyIssued;
  certificateOf: ReadCertificate;
  isTrusted: IsTrusted;
  /** Headers of every response. */
  headers: Readonly<Record<string, string>>;
  signJwt: SignJwt;
  /** Waits as a write does (`Database.confirm`). */
  confirm: () => Promise<void>;
  /** The current engine: new keys replace it. */
  engine: () => Provider;
}

/** What an engine needs of the pages and the keys, which are created later. */
interface EngineOptions {
  signingKeys: JWK[];
  showProblem: Web['showProblem'];
  browserSession: Web['browserSession'];
  showLeaving: Web['showLeaving'];
  showResponseForm: Web['showResponseForm'];
}

/** The OAuth and OpenID Connect endpoints, with the parts of the domain that they use. */
export function wireProtocol(domain: Domain, options: Options) {
  const { issuer, settings, keyring, ephemeral, headers, workloads, verifyIssued } = options;
  const { certificateOf, isTrusted, engine, signJwt, confirm } = options;
  const { accounts, clientLogins, clients, secrets, resources, roles, assignedRoles } = domain;
  const { grants, deviceDecisions, consentDecisions, grantStates } = domain;
  const { consentMemory, approveSilently } = domain;
  const { issue, find, lookup, redemptions, revoke, revokeWithGrant, lastUsed, requestLimits } =
    domain;
  const remoteKeys = remoteKeysOf(engine);
  const isFirstUse = createReplayMarks({ ephemeral });
  const authenticate = createAuthenticate({
    issuer,
    clients,
    secrets,
    isFirstUse,
    remoteKeys,
    workloads,
    isTrusted,
  });
  const forms = createClientForms({ issuer, authenticate, find, certificateOf });
  const introspection = createIntrospection({
    issuer,
    trustProxy: settings.TRUST_PROXY,
    certificateOf,
    headers,
    forms,
    clients,
    find,
    lastUsed,
    subjectFor: domain.subjectFor,
  });
  const plainDevicePoll = createPlainDevicePoll({
    ephemeral,
    keyring,
    findPolled: domain.findPolled,
    polls: domain.polls,
  });
  const resourcePolicy = createResourcePolicy({
    resources,
    clients,
    apiResource: apiResource(issuer),
  });
  const mint = createMintAccessToken({
    issuer,
    clients,
    accounts,
    grants,
    roles,
    assignedRoles,
    noteJwtAudience: domain.noteJwtAudience,
    signJwt,
  });
  const cookieKeys = domain.cookieKeys.map((key) => key.toString('base64url'));
  return {
    readWorkload: createReadWorkload({ workloads, isFirstUse }),
    introspection,
    revocation: createRevocation({
      trustProxy: settings.TRUST_PROXY,
      certificateOf,
      headers,
      forms,
      revokeWithGrant,
      confirm,
    }),
    plainRequests: createPlainRequests({
      trustProxy: settings.TRUST_PROXY,
      headers,
      clients,
      secrets,
      grants: [
        createPlainClientCredentials({
          clientsWithRoles: domain.clientsWithRoles,
          resources,
          resourcePolicy,
          issue,
          mint,
        }),
        createPlainRefresh({ settings, find, resources, resourcePolicy, issue, lastUsed, mint }),
        plainDevicePoll.grant,
      ],
    }),
    clientRegistration: createClientRegistration({
      issuer,
      isOn: settings.CLIENT_REGISTRATION !== 'off',
      registrations: domain.registrations,
      verifyIssued,
    }),
    guard: createGuardEndpoints({
      issuer,
      authenticate,
      apiUsage: domain.appApiUsage,
      describeFor: introspection.describeFor,
    }),
    authenticateBasic: createAuthenticateBasic({ issuer, authenticate }),

    issueTrialToken: createTrialTokens({
      provider: engine,
      clients,
      resources,
      apiResource: apiResource(issuer),
      describe: introspection.describe,
    }),

    issueForPerson: createPersonTokens({
      provider: engine,
      clients,
      resources,
      apiResource: apiResource(issuer),
      issue,
    }),

    issueCode: createPersonCodes({ provider: engine }),

    sendLogout: createSendLogout(engine),

    /** The end-session endpoint, whose pages are created later. */
    createEndSession: (
      pages: Pick<Web, 'logOut' | 'showProblem'> & { noteRefusal: RefusalLog['note'] },
    ) =>
      createEndSession({
        ...pages,
        verifyHint: createVerifyIdTokenHint(engine),
        resolve: domain.resolveLogout,
      }),

    /** The keys of an engine are fixed, so new keys need a new engine. */
    createEngine: (created: EngineOptions): Provider =>
      createProvider({
        issuer,
        settings,
        apiResource: apiResource(issuer),
        keyring,
        ephemeral,
        ...created,
        algorithmsInUse: domain.algorithmsInUse,
        subjectFor: domain.subjectFor,
        cookieKeys,
        dpopKey: domain.cookieKeys[0],
        accounts,
        clientLogins,
        clients,
        secrets,
        resources,
        roles,
        assignedRoles,
        grants,
        deviceDecisions,
        consentDecisions,
        consentMemory,
        approveSilently,
        grantStates,
        noteJwtAudience: domain.noteJwtAudience,
        delegations: domain.delegations,
        agentAdmission: domain.agentAdmission,
        polls: plainDevicePoll.polls,
        issue,
        lookup,
        redemptions,
        revoke,
        lastUsed,
        requestLimits,
        workloads,
        verifyIssued,
        certificateOf,
        isTrusted,
        issuerUses: domain.issuerUses,
        signJwt,
        crossAppAccess: domain.crossAppAccess,
        crossAppUses: domain.crossAppUses,
        accountOfSubject: createAccountOfSubject(domain),
      }),
  };
}
