/**
 * The rules that bind every caller who manages clients, whatever its scopes. The operations of this folder
 * enforce them, so no face can forget one.
 */
import { reservedClientIdPrefix } from '../../../config/clients.ts';
import { apiScopes } from '../../../config/scopes.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { looksLikeAccountId } from '../database/text-checks.ts';
import { defaultIdTokenAlg } from '../keys/signing-keys.ts';
import { displayName } from '../names/display-names.ts';
import { requireScope } from '../resources/scope-names.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { serverActor } from '../roles/server-actor.ts';
import { getsIdTokens, isPublic, maySupportGrant } from './client-types.ts';
import { requireRedirectUris } from './redirect-uris.ts';
import type { ClientDescription } from './store.ts';
import { requireWebUris } from './web-uris.ts';

/** Where a client id is free to choose: neither `:` nor `~`, which separate an app from its client. */
const clientIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Throws `invalid_request` for a `client_id` that no new client can have. */
export function requireFreeChoice(clientId: string): void {
  if (!clientIdPattern.test(clientId))
    throw new OAuthError(
      'invalid_request',
      'A client_id has 1 to 100 letters, digits, dots, dashes and underscores, a letter or digit first.',
      { parameter: 'client_id' },
    );
  if (clientId.startsWith(reservedClientIdPrefix))
    throw new OAuthError(
      'invalid_request',
      `A client_id that begins with ${reservedClientIdPrefix} is reserved.`,
      { parameter: 'client_id' },
    );
  // A resource server knows a person by `sub`, and a client that acts for itself has its id there: it must
  // never read as a person, of today or of tomorrow (RFC 9700 §4.15, RFC 9068 §5).
  if (looksLikeAccountId(clientId))
    throw new OAuthError(
      'invalid_request',
      'A client_id cannot be a UUID: the ids of people are, and a client must not be taken for one.',
      { parameter: 'client_id' },
    );
}

/**
 * Throws `invalid_request` for a redirect URI or a scope, and `invalid_client_metadata` for another address or for
 * `require_pkce`, that no client can have. What it had `before` it may keep.
 */
export function requireSoundMetadata(
  metadata: Record<string, unknown>,
  before: Record<string, unknown> = {},
): void {
  requireRedirectUris(metadata, before);
  requireWebUris(metadata, before);
  requirePkceOfPublicClients(metadata);
  requireScope(metadata['scope'] as string | undefined, before['scope'] as string | undefined);
}

/** Characters that the name of a client has at most, as people count them. */
export const clientNameLength = 200;

/** Metadata with its `client_name` as it is stored; what it had `before` it may keep. Throws `invalid_request`. */
export function withDisplayName(
  metadata: Record<string, unknown>,
  before: Record<string, unknown> = {},
): Record<string, unknown> {
  const { client_name: name } = metadata;
  if (typeof name !== 'string') return metadata;
  const rule = { parameter: 'client_name', longest: clientNameLength };
  const kept = before['client_name'] as string | undefined;
  return { ...metadata, client_name: displayName(name, { ...rule, before: kept }) };
}

/**
 * Clients of Writ itself stay as they are: the owner of the operator's key, without which no caller could
 * undo what was done to it, and `writ-account`, to which personal access tokens belong. Throws
 * `access_denied`.
 */
export function requireNotReserved(actor: ManagementActor, clientId: string): void {
  if (actor !== serverActor && clientId.startsWith(reservedClientIdPrefix))
    throw new OAuthError('access_denied', `The client ${clientId} belongs to Writ itself.`);
}

/**
 * No caller can hand out more than it has: the scopes of Writ's own API that a client has are among those
 * of the caller who creates it, changes it or learns a secret of it. No client introspects the tokens of
 * that API: it would learn what opens it. Throws `access_denied`.
 */
export function requireOwnScopes(
  actor: ManagementActor,
  apiResource: string,
  client: {
    resources: readonly string[];
    resourceServerFor?: readonly string[] | undefined;
    scope: unknown;
  },
): void {
  if (actor === serverActor) return;
  if (client.resourceServerFor?.includes(apiResource))
    throw new OAuthError(
      'access_denied',
      "Tokens for Writ's own API can be introspected by nobody.",
      { parameter: 'resource_server_for' },
    );
  if (!client.resources.includes(apiResource)) return;
  const beyond = scopeTokens(client.scope as string | undefined).filter(
    (token) => token in apiScopes && !actor.scopes.has(token),
  );
  if (beyond.length > 0)
    throw new OAuthError(
      'access_denied',
      `You cannot give a client what you do not have: ${beyond.join(' ')}`,
    );
}

/** An API key can be used by every caller that learns it, so its scopes are the caller's own. Throws `access_denied`. */
export function requireOwnKeyScopes(actor: ManagementActor, wanted: readonly string[]): void {
  if (actor === serverActor) return;
  const beyond = wanted.filter((name) => !actor.scopes.has(name));
  if (beyond.length > 0)
    throw new OAuthError(
      'access_denied',
      `You cannot give a key what you do not have: ${beyond.join(' ')}`,
    );
}

/**
 * What a client of an app may be, and what its secrets are, is decided with the app's roles and limits, in
 * `domain/apps`. Throws `conflict`, which names the path to use: `below` is what follows the client in it.
 */
export function requireOfNoApp(
  actor: ManagementActor,
  { client_id: clientId, app }: Pick<ClientDescription, 'client_id' | 'app'>,
  below = '',
): void {
  if (actor === serverActor || app === null) return;
  const name = clientId.slice(app.length + 1);
  throw new OAuthError(
    'conflict',
    `The client ${clientId} is of an app: use /apps/${app}/clients/${name}${below} or "writ apps clients" instead.`,
  );
}

/**
 * The tokens of a key pair stand for its person, so no one else changes it or gets a secret of it. Who manages clients
 * may disable and delete it. Throws `access_denied`.
 */
export function requireOfNoPerson(
  actor: ManagementActor,
  { client_id: clientId, account_id: owner }: Pick<ClientDescription, 'client_id' | 'account_id'>,
): void {
  if (actor !== serverActor && owner !== null)
    throw new OAuthError(
      'access_denied',
      `The client ${clientId} is a key pair of a person: it can be disabled and deleted, not changed.`,
    );
}

/** Only a client that can keep a secret has API keys. Throws `invalid_request`. */
export function requireConfidential({
  client_id: clientId,
  metadata,
}: Pick<ClientDescription, 'client_id' | 'metadata'>): void {
  if (isPublic(metadata))
    throw new OAuthError(
      'invalid_request',
      `The client ${clientId} is public: only one that can keep a secret has API keys.`,
    );
}

/**
 * The metadata with the defaults for what it leaves out; a public client has no grant by default. What
 * signs ID tokens is stored even where it is the default, so that a later default changes no client. Throws
 * `invalid_client_metadata` for a public client with the client credentials grant (RFC 6749 §4.4).
 */
export function withDefaults(given: Record<string, unknown>): Record<string, unknown> {
  const {
    token_endpoint_auth_method: method = 'client_secret_basic',
    grant_types: grants = [grantTypes.clientCredentials].filter((type) =>
      maySupportGrant(given, type),
    ),
  } = given;
  if (!(grants as string[]).every((type) => maySupportGrant(given, type)))
    throw new OAuthError(
      'invalid_client_metadata',
      'A public client cannot use client_credentials: it has no credentials.',
      { parameter: 'grant_types' },
    );
  return {
    grant_types: grants,
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: method,
    ...(getsIdTokens({ grant_types: grants }) && {
      id_token_signed_response_alg: defaultIdTokenAlg,
    }),
    ...given,
  };
}

/** Nothing but PKCE ties a code to a public client (RFC 9700 §2.1.1). Throws `invalid_client_metadata`. */
function requirePkceOfPublicClients(metadata: Record<string, unknown>): void {
  if (isPublic(metadata) && metadata['require_pkce'] === false)
    throw new OAuthError('invalid_client_metadata', 'A public client always needs PKCE.', {
      parameter: 'require_pkce',
    });
}

const bySecret = ['client_secret_basic', 'client_secret_post'];

/**
 * Another way to authenticate needs other credentials, so it takes another client. Throws
 * `invalid_client_metadata`.
 */
export function requireSameCredentials(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): void {
  const methods = [before, after].map((metadata) => metadata['token_endpoint_auth_method']);
  const [was, becomes] = methods;
  if (was === becomes || methods.every((method) => bySecret.includes(String(method)))) return;
  throw new OAuthError(
    'invalid_client_metadata',
    `token_endpoint_auth_method cannot become ${becomes}: make another client.`,
    { parameter: 'token_endpoint_auth_method' },
  );
}

export const clientNotFound = (clientId: string) =>
  new OAuthError('not_found', `There is no client ${clientId}.`);
