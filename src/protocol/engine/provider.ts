import type { JWK } from 'jose';
import type { Context } from 'koa';
import { errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider';
import { lifetimes } from '../../../config/lifetimes.ts';
import { openIdScopes } from '../../../config/scopes.ts';
import type { Settings } from '../../../config/settings.ts';
import type { AppRights } from '../../domain/apps/assigned-roles.ts';
import type { Client } from '../../domain/clients/lookup.ts';
import type { ClientSecrets } from '../../domain/clients/secrets.ts';
import type { DevicePolls } from '../../domain/grants/device/polling.ts';
import type { Resources } from '../../domain/resources/resources.ts';
import type { Roles } from '../../domain/roles/roles.ts';
import { createReplayMarks } from '../../domain/short-lived/replay-marks.ts';
import { engineCookieNames } from '../../http/engine-cookies.ts';
import { endpoints } from '../../oauth/paths.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import {
  interactions,
  normalizeClientId,
  pageOfUnresumed,
  useErrorPagesForApps,
  useNoEngineSessions,
  useStoredClientIds,
} from '../authorization.ts';
import {
  assertionAlgorithms,
  ClientRefusal,
  createAssertionVerifier,
} from '../client-authentication.ts';
import { completeResponse, deviceInfo } from '../device-authorization.ts';
import { jwtClaims } from '../token/jwt.ts';
import { tokenLifetimes } from '../token/lifetime.ts';
import { partiesOf } from '../token/parties.ts';
import { rotatesRefreshTokens } from '../token/refresh-token.ts';
import { createResourcePolicy } from '../token/resource.ts';
import { resolveAuthorizationScope } from '../token/scope.ts';
import { transactionalProvider } from '../token/transaction.ts';
import { adapterFactory, type Stores } from './adapter/index.ts';
import { remoteKeysOf } from './client-keys.ts';
import { forEngine } from './errors.ts';
import { type EngineClient, engineClientOf } from './models.ts';
import { patchDeviceCodes } from './patches/device-codes.ts';
import { patchGrantTypeAllowed } from './patches/grant-type-allowed.ts';
import { patchTokenValues } from './patches/token-values.ts';
import { currentScope } from './request-scope.ts';

interface Dependencies extends Stores {
  issuer: string;
  apiResource: string;
  settings: Pick<Settings, 'REFRESH_TOKEN_EXPIRY' | 'TRUST_PROXY' | 'JWKS_MAX_AGE_SECONDS'>;
  secrets: ClientSecrets;
  resources: Resources;
  roles: Roles;
  appRights: AppRights;
  polls: DevicePolls;
  /** Tells a person on a page why a request that an app sent them with cannot be answered. */
  showProblem: (ctx: Context, sentence: string) => Promise<void>;
  signingKeys: JWK[];
  cookieKeys: string[];
}

/**
 * Metadata of ours beside RFC 7591's: the lifetime and the format of access tokens, whether a confidential client
 * rotates, the scopes it may have, how long a person may let a device in, whether it may poll at will.
 */
const ownMetadata = [
  'access_token_ttl',
  'access_token_format',
  'rotate_refresh_tokens',
  'allowed_scope',
  'device_lifetimes',
  'enforce_polling_interval',
];

/** The protocol engine, told our policies. */
export function createProvider(dependencies: Dependencies): Provider {
  const { issuer, settings, clients, secrets, signingKeys, cookieKeys } = dependencies;
  const Engine = transactionalProvider(dependencies);
  const isFirstUse = createReplayMarks(dependencies);
  const verifyAssertion = createAssertionVerifier({
    issuer,
    remoteKeys: remoteKeysOf(() => provider),
  });
  const clientOf = async (clientId: string): Promise<Client | undefined> =>
    currentScope()?.clients.get(clientId) ?? clients(clientId);
  const resourcePolicy = createResourcePolicy(dependencies);

  const provider: Provider = new Engine(issuer, {
    adapter: adapterFactory(dependencies),
    jwks: { keys: signingKeys as never },
    cookies: {
      keys: cookieKeys,
      names: engineCookieNames(issuer),
      short: { signed: true },
      long: { signed: true },
    },
    interactions,
    // The engine asks for it once the resources are known, at every door that an authorization request comes by.
    extraParams: { scope: resolveAuthorizationScope, client_id: normalizeClientId },
    routes: endpoints,
    scopes: [...openIdScopes],
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    clientDefaults: { grant_types: [], response_types: [], id_token_signed_response_alg: 'ES256' },
    extraClientMetadata: { properties: ownMetadata, validator: validateOwnMetadata as never },
    // Nothing that these endpoints do depends on a cookie, so a page of any origin may call them.
    clientBasedCORS: () => true,
    expiresWithSession: () => false,
    rotateRefreshToken: (ctx) => rotatesRefreshTokens(engineClientOf(ctx)),
    findAccount: (_ctx, id) =>
      forEngine(async () => {
        const { account } = await partiesOf({ accountId: id }, dependencies);
        return (
          account && {
            accountId: id,
            claims: (_use: string, scope: string) => claimsOf(id, scope, dependencies),
          }
        );
      }),
    enabledJWA: { clientAuthSigningAlgValues: [...assertionAlgorithms] },
    clockTolerance: lifetimes.assertionClockTolerance,
    // The engine has verified the assertion in its way by now, and marks its `jti` after this. What
    // holds is what introspection and revocation take, too.
    assertJwtClientAuthClaimsAndHeader: (ctx, _claims, _header, { clientId }) =>
      forEngine(async () => {
        const client = await clientOf(clientId);
        if (!client) throw new ClientRefusal('client not found');
        const assertion = String(ctx.oidc.params?.['client_assertion']);
        await verifyAssertion(client, assertion, ctx.path);
      }),
    features: {
      clientCredentials: { enabled: true },
      // People answer on pages of ours: the engine's are not reachable.
      deviceFlow: { enabled: true, charset: 'base-20', mask: '****-****', deviceInfo },
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      // The thin layer answers these two; here they stand in discovery.
      introspection: { enabled: true, allowedPolicy: () => false },
      revocation: { enabled: true, allowedPolicy: () => false },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx, client, oneOf) =>
          resourcePolicy.defaultResource(ctx, client as EngineClient | undefined, oneOf),
        getResourceServerInfo: (_ctx, identifier, client) =>
          resourcePolicy.resourceServer(identifier, client as EngineClient),
        useGrantedResource: () => true,
      },
    },
    formats: {
      customizers: {
        jwt: (_ctx: KoaContextWithOIDC, token: object, { payload }: { payload: object }) =>
          forEngine(async () => {
            if (currentScope()) Object.assign(payload, await jwtClaims(token, dependencies));
          }),
      } as never,
    },
    renderError: async (ctx, out, error) => {
      const page = pageOfUnresumed(ctx, error);
      if (page) {
        ctx.status = 303;
        ctx.redirect(page);
        return;
      }
      // Somebody whom an app sent here reads a page; what cannot be told to the app stands on it.
      if (ctx.accepts('json', 'html') === 'html') {
        await dependencies.showProblem(
          ctx,
          [out.error, out.error_description].filter(Boolean).join(': '),
        );
        return;
      }
      ctx.type = 'json';
      ctx.body = JSON.stringify(out);
    },
    ttl: tokenLifetimes(settings),
  });

  provider.proxy = settings.TRUST_PROXY > 0;
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path === endpoints.jwks && ctx.status === 200)
      ctx.set('Cache-Control', `public, max-age=${settings.JWKS_MAX_AGE_SECONDS}`);
  });
  patchTokenValues(provider);
  patchGrantTypeAllowed(provider);
  patchDeviceCodes(provider, dependencies);
  useNoEngineSessions(provider);
  useStoredClientIds(provider);
  useErrorPagesForApps(provider);
  completeResponse(provider, issuer);

  provider.Client.prototype.compareClientSecret = function (
    this: { clientId: string },
    presented: string,
  ) {
    return forEngine(async () => {
      const client = await clientOf(this.clientId);
      return client !== undefined && secrets.matches(client, presented);
    });
  } as never;

  // The engine looks and then saves, so that of ten uses of one assertion at once ten are accepted.
  provider.ReplayDetection.unique = (iss: string, jti: string, exp: number) =>
    forEngine(() => isFirstUse(iss, jti, exp));

  return provider;
}

/** What OpenID Connect tells of a person (Core §5.4), to whom was let see it. */
async function claimsOf(
  id: string,
  scope: string,
  { accounts }: Pick<Dependencies, 'accounts'>,
): Promise<{ sub: string; name?: string; email?: string }> {
  const asked = scopeTokens(scope);
  const account =
    asked.includes('profile') || asked.includes('email')
      ? await forEngine(() => accounts.find(id))
      : undefined;
  return {
    sub: id,
    ...(account && { name: account.name, ...(account.email && { email: account.email }) }),
  };
}

const booleans = ['rotate_refresh_tokens', 'enforce_polling_interval'];

const isListOfLifetimes = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length >= 1 &&
  value.length <= 10 &&
  value.every((seconds) => Number.isInteger(seconds) && seconds >= 60 && seconds <= 366 * 86_400);

function validateOwnMetadata(_ctx: unknown, key: string, value: unknown): void {
  if (value === undefined) return;
  if (key === 'access_token_ttl' && !(Number.isInteger(value) && (value as number) > 0))
    throw new errors.InvalidClientMetadata('access_token_ttl must be a number of seconds');
  if (key === 'access_token_format' && value !== 'opaque' && value !== 'jwt')
    throw new errors.InvalidClientMetadata('access_token_format must be opaque or jwt');
  if (booleans.includes(key) && typeof value !== 'boolean')
    throw new errors.InvalidClientMetadata(`${key} must be true or false`);
  if (key === 'device_lifetimes' && !isListOfLifetimes(value))
    throw new errors.InvalidClientMetadata(
      'device_lifetimes must be 1 to 10 numbers of seconds, each from a minute to 366 days',
    );
}
