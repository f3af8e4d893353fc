import type { JWK } from 'jose';
import type { Context } from 'koa';
import type { Provider } from 'oidc-provider';
import { lifetimes } from '../../../config/lifetimes.ts';
import { openIdScopes } from '../../../config/scopes.ts';
import type { Settings } from '../../../config/settings.ts';
import type { AssignedRoleLookup } from '../../domain/apps/assigned-roles.ts';
import type { CountedEvents } from '../../domain/audit/counted-events.ts';
import type { AgentAdmission } from '../../domain/clients/agents.ts';
import type { IsTrusted } from '../../domain/clients/certificates.ts';
import { certificateMethods } from '../../domain/clients/client-types.ts';
import type { Client } from '../../domain/clients/lookup.ts';
import { fapi2Algs } from '../../domain/clients/profiles.ts';
import type { ClientSecrets } from '../../domain/clients/secrets.ts';
import type { SubjectFor } from '../../domain/clients/subjects.ts';
import type { CrossAppAccesses } from '../../domain/cross-app-access/cross-app-access.ts';
import type { Delegations } from '../../domain/delegations/delegations.ts';
import type { ConsentMemory } from '../../domain/grants/consent/memory.ts';
import type { SilentApproval } from '../../domain/grants/consent/silent.ts';
import type { DevicePolls } from '../../domain/grants/device/polling-interval.ts';
import type { AccountOfSubject } from '../../domain/issuers/subjects.ts';
import type { VerifyIssued } from '../../domain/issuers/verify.ts';
import type { Workloads } from '../../domain/issuers/workloads.ts';
import type { AlgorithmsInUse } from '../../domain/keys/algorithms.ts';
import { defaultIdTokenAlg, signingAlgs } from '../../domain/keys/signing-keys.ts';
import type { Resources } from '../../domain/resources/resources.ts';
import type { Roles } from '../../domain/roles/roles.ts';
import { createReplayMarks } from '../../domain/short-lived/replay-marks.ts';
import { createFindToken } from '../../domain/tokens/find-by-value.ts';
import type { NoteJwtAudience } from '../../domain/tokens/jwt-audiences.ts';
import { startedInThisBrowser } from '../../http/authorization-cookies.ts';
import type { ReadCertificate } from '../../http/client-certificate.ts';
import { acrValues } from '../../oauth/authentication-context.ts';
import type { AuthorizationProblem } from '../../oauth/authorization-problem.ts';
import { createDpopNonces, nonceKey } from '../../oauth/dpop.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { urlOf } from '../../oauth/issuer.ts';
import { endpoints } from '../../oauth/paths.ts';
import { tokenTypes } from '../../oauth/token-types.ts';
import { registerAccessCodeMode } from '../access-code-mode.ts';
import {
  acceptClientIdAliases,
  continueRequests,
  createInteractions,
  createRenderError,
  keepErrorsOnPages,
  normalizeClientId,
  promptValues,
} from '../authorization.ts';
import { createGoToApp, createResponders, type ResponsePages } from '../authorization-response.ts';
import { createFindAccount, supportedClaims } from '../claims.ts';
import { checkClaimsParameter } from '../claims-parameter.ts';
import {
  assertionAlgorithms,
  ClientRefusal,
  createAssertionVerifier,
} from '../client-authentication.ts';
import {
  announceCertificates,
  type CertificateSettings,
  createCertificateFeature,
} from '../client-certificates.ts';
import { createContinuations } from '../continued-request.ts';
import {
  completeDeviceAuthorizationResponse,
  deviceInfo,
  explainMissingDeviceGrant,
} from '../device-authorization.ts';
import { dpopFeature } from '../dpop.ts';
import { publishKeys } from '../jwks.ts';
import { needsPkce } from '../pkce.ts';
import type { SignJwt } from '../sign-jwt.ts';
import { createLoadGrant } from '../silent-login.ts';
import { announceDetailsTypes, checkAuthorizationDetails } from '../token/authorization-details.ts';
import { createIdJagHandler } from '../token/id-jag.ts';
import { createIssueIdJag } from '../token/id-jag-issuing.ts';
import { createReadIssued } from '../token/issued-token.ts';
import { jwtClaims, scopeOfJwt } from '../token/jwt.ts';
import { type RefreshTokenSettings, tokenLifetimes } from '../token/lifetime.ts';
import { createReadPresented } from '../token/presented-token.ts';
import { rotatesRefreshTokens } from '../token/refresh-token.ts';
import { readerOf } from '../token/refusals.ts';
import { createResourcePolicy } from '../token/resource.ts';
import { resolveAuthorizationScope } from '../token/scope.ts';
import { registerTokenExchange } from '../token/token-exchange.ts';
import { createReadProof } from '../token/token-proof.ts';
import { transactionalProvider } from '../token/transaction.ts';
import { adapterFactory, type Stores } from './adapter/index.ts';
import { remoteKeysOf } from './client-keys.ts';
import { ownMetadata, validateOwnMetadata } from './client-metadata.ts';
import { forEngine } from './errors.ts';
import { createVerifyIdToken, rememberKeys } from './id-token-hints.ts';
import { type EngineClient, engineClientOf } from './models.ts';
import { patchClientSecret } from './patches/client-secret.ts';
import { patchDeviceCodes } from './patches/device-codes.ts';
import { withExactRedirects } from './patches/exact-redirects.ts';
import { patchGrantTypeAllowed } from './patches/grant-type-allowed.ts';
import { patchGrantedScope } from './patches/granted-scope.ts';
import { patchIdTokenHints } from './patches/id-token-hints.ts';
import { patchIdTokens } from './patches/id-tokens.ts';
import { patchInteractions, replaceInteractionCookies } from './patches/interactions.ts';
import { type FindBrowserSession, patchNoSessions } from './patches/no-sessions.ts';
import { patchReplayDetection } from './patches/replay-detection.ts';
import { patchResponseModeAllowed } from './patches/response-mode-allowed.ts';
import { patchSessionIds } from './patches/session-ids.ts';
import { patchTokenValues } from './patches/token-values.ts';
import { currentScope } from './request-scope.ts';
import { fetchOfSectors, subjects } from './sectors.ts';

interface Dependencies extends Stores, ResponsePages {
  issuer: string;
  apiResource: string;
  settings: RefreshTokenSettings &
    Pick<
      Settings,
      | 'LANGUAGES'
      | 'REGISTRATION'
      | 'TRUST_PROXY'
      | 'JWKS_MAX_AGE_SECONDS'
      | 'DIALECTS'
      | 'DPOP_NONCE'
      | 'PRIVATE_CLIENT_URLS'
      | 'CLIENT_METADATA_DOCUMENTS'
      | 'CLIENT_REGISTRATION'
      | CertificateSettings
    >;
  secrets: ClientSecrets;
  resources: Resources;
  roles: Roles;
  assignedRoles: AssignedRoleLookup;
  polls: DevicePolls;
  /** Shows a person a page with the error of the request that an app sent them with. */
  showProblem: (ctx: Context, problem: AuthorizationProblem) => Promise<void>;
  browserSession: FindBrowserSession;
  approveSilently: SilentApproval;
  consentMemory: Pick<ConsentMemory, 'hasAllowed'>;
  signingKeys: JWK[];
  signJwt: SignJwt;
  algorithmsInUse: AlgorithmsInUse;
  workloads: Workloads;
  verifyIssued: VerifyIssued;
  accountOfSubject: AccountOfSubject;
  issuerUses: Pick<CountedEvents, 'note'>;
  crossAppAccess: CrossAppAccesses;
  crossAppUses: Pick<CountedEvents, 'note'>;
  subjectFor: SubjectFor;
  noteJwtAudience: NoteJwtAudience;
  delegations: Delegations;
  agentAdmission: AgentAdmission;
  cookieKeys: string[];
  /** The key that DPoP nonces are derived from. */
  dpopKey: Buffer | undefined;
  certificateOf: ReadCertificate;
  isTrusted: IsTrusted;
}

/** Creates the engine with Writ's policies. Its signing keys are fixed; new keys need a new engine. */
export function createProvider(dependencies: Dependencies): Provider {
  const { issuer, settings, clients, secrets, signingKeys, cookieKeys, polls } = dependencies;
  const goToApp = createGoToApp(dependencies);
  const responders = createResponders({ ...dependencies, goToApp });
  const Engine = withExactRedirects(transactionalProvider(dependencies), responders);
  const resourcePolicy = createResourcePolicy(dependencies);
  const isFirstUse = createReplayMarks(dependencies);
  const continuations = createContinuations(dependencies);
  const certificates = createCertificateFeature(dependencies);
  const verifyAssertion = createAssertionVerifier({
    issuer,
    remoteKeys: remoteKeysOf(() => provider),
  });
  const clientOf = async (clientId: string): Promise<Client | undefined> =>
    currentScope()?.clients.get(clientId) ?? clients(clientId);

  const provider: Provider = new Engine(issuer, {
    adapter: adapterFactory(dependencies),
    jwks: { keys: signingKeys },
    cookies: { keys: cookieKeys },
    routes: endpoints,
    discovery: {
      prompt_values_supported: promptValues(settings),
      display_values_supported: ['page'],
      ui_locales_supported: [...settings.LANGUAGES],
      end_session_endpoint: urlOf(issuer, endpoints.end_session),
      // draft-ietf-oauth-identity-assertion-authz-grant §7.2.
      authorization_grant_profiles_supported: ['urn:ietf:params:oauth:grant-profile:id-jag'],
      // §7.1.
      identity_chaining_requested_token_types_supported: [tokenTypes.idJag],
      frontchannel_logout_supported: true,
      frontchannel_logout_session_supported: true,
      // RFC 9728 §4. Which other APIs there are is not public.
      protected_resources: [dependencies.apiResource],
      ...(settings.CLIENT_METADATA_DOCUMENTS !== 'off' && {
        client_id_metadata_document_supported: true,
      }),
      ...(settings.CLIENT_REGISTRATION !== 'off' && {
        registration_endpoint: urlOf(issuer, endpoints.registration),
      }),
    },
    // None of these endpoints depends on a cookie, so pages of any origin can call them.
    clientBasedCORS: () => true,

    // Clients (RFC 7591) and how they authenticate (RFC 6749 §2.3, RFC 7523).
    clientAuthMethods: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      ...Object.values(certificateMethods),
      'none',
    ],
    clientDefaults: {
      grant_types: [],
      response_types: [],
      id_token_signed_response_alg: defaultIdTokenAlg,
    },
    extraClientMetadata: { properties: ownMetadata, validator: validateOwnMetadata },
    enabledJWA: {
      clientAuthSigningAlgValues: [...assertionAlgorithms],
      idTokenSigningAlgValues: [...signingAlgs],
      dPoPSigningAlgValues: [...fapi2Algs],
      userinfoSigningAlgValues: [...signingAlgs],
    },
    clockTolerance: lifetimes.assertionClockTolerance,
    fetch: fetchOfSectors(
      settings.PRIVATE_CLIENT_URLS === 'on' ? unguardedFetch : (...given) => fetch(...given),
    ),
    // Bytes. The engine has no limits of its own.
    fetchResponseBodyLimits: { jwks_uri: 256 * 1024, sector_identifier_uri: 256 * 1024 },
    ...subjects(dependencies.subjectFor),
    // By now the engine has verified the assertion in its own way; it marks the `jti` after this. Verified again here
    // by the rules that introspection and revocation apply.
    assertJwtClientAuthClaimsAndHeader: (ctx, _claims, _header, { clientId }) =>
      forEngine(async () => {
        const client = await clientOf(clientId);
        if (!client) throw new ClientRefusal('client not found');
        const assertion = String(ctx.oidc.params?.['client_assertion']);
        await verifyAssertion(client, assertion);
      }),

    // Authorization requests (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2).
    responseTypes: ['code'],
    pkce: { required: needsPkce },
    // A token request must repeat the redirect URI of the authorization request (RFC 6749 §4.1.3).
    allowOmittingSingleRegisteredRedirectUri: false,
    interactions: createInteractions(issuer, continuations, settings),
    // The engine calls these once the resources are known, for plain and pushed requests alike.
    extraParams: {
      authorization_details: (ctx) => checkAuthorizationDetails(ctx, dependencies.resources),
      scope: resolveAuthorizationScope,
      client_id: normalizeClientId,
    },
    loadExistingGrant: createLoadGrant(dependencies),
    renderError: createRenderError({ ...dependencies, responders }),

    // People, and the claims that clients get about them (OpenID Connect Core §5).
    scopes: [...openIdScopes],
    claims: supportedClaims,
    // Which claims an ID token has is a choice of its client; see patches/id-tokens.ts.
    conformIdTokenClaims: false,
    acrValues: [...acrValues],
    findAccount: createFindAccount(dependencies),
    expiresWithSession: () => false,

    // Tokens.
    ttl: tokenLifetimes(settings),
    rotateRefreshToken: (ctx) => rotatesRefreshTokens(engineClientOf(ctx), settings),
    formats: {
      customizers: {
        jwt: (_ctx, token, { payload }) =>
          forEngine(async () => {
            payload['scope'] = scopeOfJwt(token, payload['scope'] as string | undefined);
            if (currentScope()) Object.assign(payload, await jwtClaims(token, dependencies));
          }),
      },
    },

    features: {
      jwtUserinfo: { enabled: true },
      claimsParameter: { enabled: true, assertClaimsParameter: checkClaimsParameter },
      clientCredentials: { enabled: true },
      dPoP: dpopFeature(settings, dependencies.dpopKey),
      mTLS: certificates.feature,
      // People decide on Writ's pages; the engine's own pages are not reachable.
      deviceFlow: { enabled: true, charset: 'base-20', mask: '****-****', deviceInfo },
      devInteractions: { enabled: false },
      // protocol/end-session.ts handles it: the engine's depends on sessions that it keeps itself.
      rpInitiatedLogout: { enabled: false },
      // The engine writes and sends logout tokens when jobs/logout.ts asks it to.
      backchannelLogout: { enabled: true },
      // Enabled only for the discovery document: protocol/introspection.ts and protocol/revocation.ts handle them.
      introspection: { enabled: true, allowedPolicy: () => false },
      revocation: { enabled: true, allowedPolicy: () => false },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx, client, oneOf) =>
          resourcePolicy.defaultResource(ctx, client as EngineClient | undefined, oneOf),
        getResourceServerInfo: (ctx, identifier, client) =>
          resourcePolicy.resourceServer(identifier, client as EngineClient, readerOf(ctx)),
        useGrantedResource: () => true,
      },
    },
  });

  rememberKeys(provider, signingKeys);
  provider.proxy = settings.TRUST_PROXY > 0;
  if (settings.DIALECTS.includes('speckle')) registerAccessCodeMode(provider, goToApp);

  const readProof = createReadProof(certificates.of, {
    issuer,
    isFirstUse,
    nonces:
      settings.DPOP_NONCE === 'on' && dependencies.dpopKey
        ? createDpopNonces(nonceKey(dependencies.dpopKey, 'exchange'))
        : undefined,
  });
  registerTokenExchange({
    ...dependencies,
    provider,
    resourcePolicy,
    read: createReadPresented({
      ...dependencies,
      find: createFindToken(dependencies.lookup),
      verifyIdToken: createVerifyIdToken(provider),
      readIssued: createReadIssued({ ...dependencies, isFirstUse }),
    }),
    readProof,
    issueIdJag: createIssueIdJag(dependencies),
  });

  // Of a workload, token/jwt-bearer.ts handles the assertion.
  provider.registerGrantType(
    grantTypes.jwtBearer,
    createIdJagHandler({ ...dependencies, provider: () => provider, resourcePolicy, readProof }),
    ['assertion', 'scope', 'resource', 'authorization_details'],
    ['resource'],
  );

  patchTokenValues(provider);
  patchGrantedScope(provider);
  patchGrantTypeAllowed(provider);
  patchResponseModeAllowed(provider);
  patchDeviceCodes(provider, { polls });
  patchNoSessions(provider, dependencies);
  patchSessionIds(provider);
  patchIdTokenHints(provider);
  patchIdTokens(provider);
  patchInteractions(provider, dependencies);
  patchClientSecret(provider, { clientOf, secrets });
  patchReplayDetection(provider, isFirstUse);

  publishKeys(provider, {
    maxAge: settings.JWKS_MAX_AGE_SECONDS,
    algorithmsInUse: dependencies.algorithmsInUse,
  });
  replaceInteractionCookies(provider, (ctx, uid) => startedInThisBrowser(ctx, issuer, uid));
  continueRequests(provider, continuations, dependencies);
  acceptClientIdAliases(provider);
  keepErrorsOnPages(provider);
  completeDeviceAuthorizationResponse(provider, issuer);
  explainMissingDeviceGrant(provider);
  announceDetailsTypes(provider, dependencies.resources);
  announceCertificates(provider, dependencies);
  return provider;
}

/** What the engine opens URLs of clients with, without its guard against addresses of the server's own network. */
const unguardedFetch: typeof fetch = (url, options) => {
  const { dispatcher: _guard, ...rest } = (options ?? {}) as RequestInit & { dispatcher?: unknown };
  return globalThis.fetch(url, rest);
};
