/**
 * INITIAL ACCESS TOKENS OF AN APP (RFC 7591 §1.2): with one, a program registers clients of the app, each with the role that the
 * Owner chose. A token permits no more than who created it does at that moment: it stops working when they lose the app, the role,
 * or the role of this server that lets them change every app.
 */
import { sql } from 'kysely';
import { appInitialAccessTokens } from '../../../config/client-registration.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { actingAccount } from '../audit/actor.ts';
import { recordEvent } from '../audit/events.ts';
import { authenticatesByCertificate } from '../clients/client-types.ts';
import {
  insertInitialAccessToken,
  tokenColumns,
} from '../clients/registrations/initial-access-tokens.ts';
import type { RegisterInApp } from '../clients/registrations/registrations.ts';
import { runOnce } from '../database/idempotency.ts';
import { isUuid } from '../database/text-checks.ts';
import type { SigningAlg } from '../keys/signing-keys.ts';
import { readApiScopes } from '../roles/api-scopes.ts';
import { managesAtLeast } from '../roles/manages.ts';
import {
  type AppAccess,
  canAssign,
  lockById,
  requireCovers,
  requireManages,
  rightsIn,
} from './access.ts';
import { assertClientBelowLimit, type ClientCreator } from './clients.ts';
import { freshClientName } from './names.ts';
import { findRole, requireRole } from './roles.ts';
import type { AppInitialAccessTokens, ClientKind, NewAppClient } from './types.ts';

/** The operations of Owners. */
export const createAppInitialAccessTokens = ({
  access,
}: {
  access: AppAccess;
}): AppInitialAccessTokens => ({
  list: (actor, appName) =>
    access.read(actor, appName, ({ app, rights }, connection) => {
      requireManages(rights, 'app');
      return connection
        .selectFrom('initial_access_token')
        .select(tokenColumns)
        .where('app_id', '=', app.id)
        .where('expires_at', '>', sql<Date>`now()`)
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .execute();
    }),

  create: (actor, appName, { role: roleName, ...given }, idempotency) =>
    access.change(actor, appName, async ({ app, rights }, transaction) => {
      requireManages(rights, 'app');
      // A client that manages the app could give its rights to another one that outlives it.
      if (actor.kind === 'client')
        throw new OAuthError(
          'access_denied',
          'Only members of the app can create initial access tokens.',
        );
      requireCovers(rights, await requireRole(transaction, app.id, roleName), 'role');
      return runOnce(idempotency, transaction, async () => {
        const { count } = await transaction
          .selectFrom('initial_access_token')
          .select(sql<number>`count(*)::integer`.as('count'))
          .where('app_id', '=', app.id)
          .where('expires_at', '>', sql<Date>`now()`)
          .executeTakeFirstOrThrow();
        if (count >= appInitialAccessTokens.max)
          throw new OAuthError(
            'conflict',
            `An app can have at most ${appInitialAccessTokens.max} initial access tokens. Revoke one that is not needed.`,
          );
        return insertInitialAccessToken(transaction, {
          ...given,
          resources: [],
          createdBy: actor.kind === 'account' ? actor.accountId : actingAccount(),
          app: { id: app.id, role: roleName },
        });
      });
    }),

  revoke: (actor, appName, id) =>
    access.change(actor, appName, async ({ app, rights }, transaction) => {
      requireManages(rights, 'app');
      const deleted = isUuid(id)
        ? await transaction
            .deleteFrom('initial_access_token')
            .where('id', '=', id)
            .where('app_id', '=', app.id)
            .returning('id')
            .executeTakeFirst()
        : undefined;
      if (!deleted)
        throw new OAuthError('not_found', `There is no initial access token ${id} in the app.`);
      await recordEvent(transaction, {
        action: 'initial_access_token.revoked',
        target: { kind: 'initial_access_token', id },
        app: app.id,
      });
    }),
});

/**
 * Registers a client of an app, by the rules for all its clients. The function returns undefined if the token's creator could
 * not create such a client now, or the app is disabled or gone.
 */
export const createRegisterInApp =
  ({ clientCreator }: { clientCreator: ClientCreator }): RegisterInApp =>
  async (transaction, { appId, role: roleName, createdBy }, metadata) => {
    const app = await lockById(transaction, appId);
    const role = app && (await findRole(transaction, app.id, roleName));
    if (!app || !role || app.disabledAt !== null) return undefined;
    if (!(await mayStillCreate(transaction, appId, createdBy, role))) return undefined;
    const rights = {
      operator: false,
      role: role.name,
      permissions: role.permissions,
      manages: 'clients' as const,
    };
    const entered = { app, rights };
    const given = clientIn(metadata, roleName);
    await assertClientBelowLimit(transaction, appId);
    const actor = createdBy
      ? { kind: 'account' as const, accountId: createdBy }
      : { kind: 'operator' as const };
    const settings = await clientCreator
      .check(transaction, actor, entered, given)
      .catch(asRegistrationError);
    const { stored, secret } = await clientCreator.create(
      transaction,
      entered,
      given,
      settings,
      'registration',
    );
    return { client: stored, secret };
  };

/**
 * A backend with the scope keeps its right. A person must still be an Owner with at least the rights of the role, or have a role
 * that lets them change every app.
 */
async function mayStillCreate(
  transaction: Connection,
  appId: string,
  createdBy: string | null,
  role: NonNullable<Awaited<ReturnType<typeof findRole>>>,
): Promise<boolean> {
  if (createdBy === null) return true;
  const rights = await rightsIn(transaction, { kind: 'account', accountId: createdBy }, appId);
  if (rights && managesAtLeast(rights.manages, 'app') && canAssign(rights, role)) return true;
  const account = await transaction
    .selectFrom('account')
    .select('roles')
    .where('id', '=', createdBy)
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  return (
    account !== undefined && (await readApiScopes(transaction, account.roles)).has('apps:write')
  );
}

type Metadata = Record<string, unknown>;

/** The client of an app that a registration describes. Throws `invalid_client_metadata` if apps have no such client. */
function clientIn(metadata: Metadata, role: string): NewAppClient {
  requireNoCertificate(metadata);
  const kind = kindIn(metadata);
  const text = (name: string) => metadata[name] as string | undefined;
  return {
    name: freshClientName(),
    kind,
    role,
    displayName: text('client_name'),
    redirectUris: metadata['redirect_uris'] as string[],
    idTokenAlg: text('id_token_signed_response_alg') as SigningAlg | undefined,
    urls: {
      postLogoutRedirectUris: (metadata['post_logout_redirect_uris'] as string[] | undefined) ?? [],
      backchannelLogoutUri: text('backchannel_logout_uri') ?? null,
      frontchannelLogoutUri: text('frontchannel_logout_uri') ?? null,
    },
    security: {
      jwks:
        metadata['token_endpoint_auth_method'] === 'private_key_jwt'
          ? (metadata['jwks'] as { keys: Metadata[] })
          : null,
      requirePushedRequests: metadata['require_pushed_authorization_requests'] === true,
      dpopBound: metadata['dpop_bound_access_tokens'] === true,
    },
    signIn: {
      userinfoAlg: (text('userinfo_signed_response_alg') ?? null) as SigningAlg | null,
    },
  };
}

const invalid = (parameter: string, message: string) =>
  new OAuthError('invalid_client_metadata', message, { parameter });

function requireNoCertificate(metadata: Metadata): void {
  const bound = 'tls_client_certificate_bound_access_tokens';
  const byCertificate = authenticatesByCertificate(metadata);
  if (byCertificate || metadata[bound] === true)
    throw invalid(
      byCertificate ? 'token_endpoint_auth_method' : bound,
      'Clients of apps cannot authenticate with certificates.',
    );
}

function kindIn(metadata: Metadata): ClientKind {
  const { token_endpoint_auth_method: method, application_type: type, jwks } = metadata;
  const grants = (metadata['grant_types'] as string[]).filter(
    (grant) => grant !== grantTypes.refreshToken,
  );
  if (method === 'private_key_jwt' && !jwks)
    throw invalid('jwks', 'A client of an app registers its public keys in jwks.');
  const [grant, ...more] = grants;
  if (more.length === 0)
    switch (grant) {
      case grantTypes.clientCredentials:
        return 'server';
      case grantTypes.deviceCode:
        return 'device';
      case grantTypes.authorizationCode:
        if (method !== 'none') return 'website_with_server';
        return type === 'native' ? 'native' : 'website';
    }
  throw invalid(
    'grant_types',
    `A client of an app has one of ${grantTypes.authorizationCode}, ${grantTypes.deviceCode} and ${grantTypes.clientCredentials}.`,
  );
}

/** What apps call a display name is the `client_name` of a registration. */
function asRegistrationError(error: unknown): never {
  const isAboutName =
    error instanceof OAuthError &&
    (error.parameter ?? error.details[0]?.parameter) === 'display_name';
  if (!isAboutName) throw error;
  throw new OAuthError(
    'invalid_client_metadata',
    error.message.replace('display_name', 'client_name'),
    { parameter: 'client_name', cause: error },
  );
}
