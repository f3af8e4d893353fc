/**
 * Rules for every caller that manages clients, with any scopes. The operations of this folder enforce them, so
 * that no face can forget one.
 */
import { commandLineClientIds, reservedClientIdPrefix } from '../../../config/clients.ts';
import { apiScopes } from '../../../config/scopes.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { looksLikeAccountId } from '../database/text-checks.ts';
import { defaultIdTokenAlg } from '../keys/signing-keys.ts';
import { displayName } from '../names/display-names.ts';
import { problemOfScopeName, requireScope } from '../resources/scope-names.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { serverActor } from '../roles/server-actor.ts';
import { requireAgent } from './agents.ts';
import { requireCertificates } from './certificates.ts';
import { getsIdTokens, isPublic, maySupportGrant } from './client-types.ts';
import { requireLogoutUris } from './logout-uris.ts';
import { requireProfile, withProfile } from './profiles.ts';
import { requireRedirectUris } from './redirect-uris.ts';
import type { ClientDescription } from './store.ts';
import { isPairwise } from './subjects.ts';
import { requireWebUris } from './web-uris.ts';

/** Client ids that callers can choose: without `:` and `~`, which separate an app from its client. */
const clientIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Throws `invalid_request` for a `client_id` that callers cannot choose. */
export function requireValidClientId(clientId: string): void {
  if (!clientIdPattern.test(clientId))
    throw new OAuthError(
      'invalid_request',
      'A client_id has 1 to 100 letters, digits, dots, dashes and underscores, and begins with a letter or digit.',
      { parameter: 'client_id' },
    );
  if (clientId.startsWith(reservedClientIdPrefix))
    throw new OAuthError(
      'invalid_request',
      `The prefix ${reservedClientIdPrefix} is reserved. Choose another client_id.`,
      { parameter: 'client_id' },
    );
  // Resource servers identify people by `sub`, which is the client id in tokens that a client gets for itself. A
  // client id must therefore never look like the id of an account, existing or future (RFC 9700 §4.15, RFC 9068
  // §5).
  if (looksLikeAccountId(clientId))
    throw new OAuthError(
      'invalid_request',
      'A client_id cannot be a UUID, because account ids are UUIDs and a client must not be mistaken for a person.',
      { parameter: 'client_id' },
    );
}

/**
 * Validates metadata. Throws `invalid_request` for a redirect URI or scope, and `invalid_client_metadata` for other
 * URIs, for `require_pkce` or for what contradicts the profile. Values in `before` are accepted unchanged.
 */
export function requireSoundMetadata(
  metadata: Record<string, unknown>,
  before: Record<string, unknown> = {},
): void {
  requireRedirectUris(metadata, before);
  requireWebUris(metadata, before);
  requireLogoutUris(metadata, before);
  requirePkceOfPublicClients(metadata);
  requireOptionalScopes(metadata);
  requireAgent(metadata);
  requireCertificates(metadata);
  requireProfile(metadata);
  requireScope(metadata['scope'] as string | undefined, before['scope'] as string | undefined);
}

/** Maximum length of a client's name, in grapheme clusters. */
export const clientNameLength = 200;

/**
 * Returns metadata with `client_name` in the form that is stored. An unchanged name is accepted. Throws
 * `invalid_request`.
 */
export function withDisplayName(
  metadata: Record<string, unknown>,
  before: Record<string, unknown> = {},
): Record<string, unknown> {
  const { client_name: name } = metadata;
  if (typeof name !== 'string') return metadata;
  const rule = { parameter: 'client_name', maxLength: clientNameLength };
  const kept = before['client_name'] as string | undefined;
  return { ...metadata, client_name: displayName(name, { ...rule, before: kept }) };
}

/**
 * Throws `access_denied` for built-in clients, which callers cannot change: the owner of the operator's API key,
 * which no caller could repair, and `writ-account`, the owner of personal access tokens.
 */
export function requireNotReserved(actor: ManagementActor, clientId: string): void {
  if (actor !== serverActor && clientId.startsWith(reservedClientIdPrefix))
    throw new OAuthError(
      'access_denied',
      `The client ${clientId} is built in and cannot be changed.`,
    );
}

/**
 * Throws `access_denied` for built-in clients, except for those of the command line: an installation can turn them off,
 * and revoke their tokens.
 */
export function requireMayDisable(actor: ManagementActor, clientId: string): void {
  if (!commandLineClientIds.includes(clientId)) requireNotReserved(actor, clientId);
}

/**
 * No caller can grant more than it has: a client's scopes at Writ's own API must be among those of the caller that
 * creates it, changes it or learns one of its secrets. No client can introspect tokens of that API, because that
 * would reveal valid ones. Throws `access_denied`.
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
    throw new OAuthError('access_denied', "No client can introspect tokens for Writ's own API.", {
      parameter: 'resource_server_for',
    });
  if (!client.resources.includes(apiResource)) return;
  const beyond = scopeTokens(client.scope as string | undefined).filter(
    (token) => token in apiScopes && !actor.scopes.has(token),
  );
  if (beyond.length > 0)
    throw new OAuthError(
      'access_denied',
      `You cannot give a client scopes that you do not have: ${beyond.join(' ')}.`,
    );
}

/**
 * Throws `invalid_client_metadata` for a client with pairwise IDs that has Writ's own API as a resource: that API names people by
 * the IDs of their accounts, which the client would then know.
 */
export function requireNoPairwiseAtOwnApi(
  apiResource: string,
  { resources, metadata }: Pick<ClientDescription, 'resources' | 'metadata'>,
): void {
  if (isPairwise(metadata) && resources.includes(apiResource))
    throw new OAuthError(
      'invalid_client_metadata',
      "A client with pairwise IDs cannot have Writ's own API as a resource, because that API shows the IDs of accounts.",
      { parameter: 'subject_type' },
    );
}

/**
 * Anyone who learns an API key can use it, so its scopes must be among the caller's own. Throws `access_denied`.
 */
export function requireOwnKeyScopes(actor: ManagementActor, wanted: readonly string[]): void {
  if (actor === serverActor) return;
  const beyond = wanted.filter((name) => !actor.scopes.has(name));
  if (beyond.length > 0)
    throw new OAuthError(
      'access_denied',
      `You cannot give an API key scopes that you do not have: ${beyond.join(' ')}.`,
    );
}

/**
 * Throws `conflict` for a client of an app, which is managed in `domain/apps` with the roles and limits of the app.
 * The error names the path to use; `below` is the part of it after the client.
 */
export function requireOutsideApps(
  actor: ManagementActor,
  { client_id: clientId, app }: Pick<ClientDescription, 'client_id' | 'app'>,
  below = '',
): void {
  if (actor === serverActor || app === null) return;
  const name = clientId.slice(app.length + 1);
  throw new OAuthError(
    'conflict',
    `The client ${clientId} belongs to an app. Use /apps/${app}/clients/${name}${below} or "writ apps clients" instead.`,
  );
}

/**
 * Throws `access_denied` for a key pair: its tokens act for its owner, so no one else can change it or get a secret
 * for it. Callers that manage clients can disable and delete it.
 */
export function requireNotKeyPair(
  actor: ManagementActor,
  { client_id: clientId, account_id: owner }: Pick<ClientDescription, 'client_id' | 'account_id'>,
): void {
  if (actor !== serverActor && owner !== null)
    throw new OAuthError(
      'access_denied',
      `The client ${clientId} is a person's key pair. It can be disabled or deleted, but not changed.`,
    );
}

/** Throws `conflict` for metadata of a client that a document describes: the next one would overwrite it. */
export function requireNoDocument(
  actor: ManagementActor,
  { client_id: clientId, origin }: Pick<ClientDescription, 'client_id' | 'origin'>,
  { metadata = {} }: { metadata?: Record<string, unknown> | undefined },
): void {
  const [parameter] = Object.keys(metadata).filter((name) => metadata[name] !== undefined);
  if (actor !== serverActor && origin === 'document' && parameter !== undefined)
    throw new OAuthError(
      'conflict',
      `The metadata of the client ${clientId} comes from the document at that URL, and can only be changed there.`,
      { parameter },
    );
}

/** Throws `invalid_request` for a public client, which cannot have API keys. */
export function requireConfidential({
  client_id: clientId,
  metadata,
}: Pick<ClientDescription, 'client_id' | 'metadata'>): void {
  if (isPublic(metadata))
    throw new OAuthError(
      'invalid_request',
      `The client ${clientId} is public. Only confidential clients can have API keys.`,
    );
}

/**
 * Adds defaults to metadata; a public client has no grant by default. The algorithm of ID tokens is stored even if
 * it is the default, so that a later default does not change existing clients. Throws `invalid_client_metadata` for
 * a public client with the client credentials grant (RFC 6749 §4.4).
 */
export function withDefaults(metadata: Record<string, unknown>): Record<string, unknown> {
  const given = withProfile(metadata);
  const {
    token_endpoint_auth_method: method = 'client_secret_basic',
    grant_types: grants = [grantTypes.clientCredentials].filter((type) =>
      maySupportGrant(given, type),
    ),
  } = given;
  const refused = (grants as string[]).find((type) => !maySupportGrant(given, type));
  if (refused !== undefined)
    throw new OAuthError(
      'invalid_client_metadata',
      `A public client cannot use ${refused}, because it has no credentials.`,
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

/**
 * Throws `invalid_client_metadata` if PKCE is switched off for a public client: only PKCE binds a code to it (RFC
 * 9700 §2.1.1).
 */
function requirePkceOfPublicClients(metadata: Record<string, unknown>): void {
  if (isPublic(metadata) && metadata['require_pkce'] === false)
    throw new OAuthError('invalid_client_metadata', 'A public client must use PKCE.', {
      parameter: 'require_pkce',
    });
}

/** Throws `invalid_client_metadata` if a scope that a login needs is optional, or one is no scope. */
export function requireOptionalScopes({ optional_scopes: names }: Record<string, unknown>): void {
  const parameter = 'optional_scopes';
  for (const name of (names as string[] | undefined) ?? []) {
    const problem = problemOfScopeName(name);
    if (problem) throw new OAuthError('invalid_client_metadata', problem, { parameter });
    if (name === 'openid')
      throw new OAuthError(
        'invalid_client_metadata',
        'The scope openid cannot be optional: without it, the app does not learn who logs in.',
        { parameter },
      );
  }
}

const bySecret = ['client_secret_basic', 'client_secret_post'];

/** Throws `invalid_client_metadata` if the authentication method changes to one with other credentials. */
export function requireSameCredentials(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): void {
  const methods = [before, after].map((metadata) => metadata['token_endpoint_auth_method']);
  const [was, becomes] = methods;
  if (was === becomes || methods.every((method) => bySecret.includes(String(method)))) return;
  throw new OAuthError(
    'invalid_client_metadata',
    `token_endpoint_auth_method cannot change to ${becomes}. Create another client instead.`,
    { parameter: 'token_endpoint_auth_method' },
  );
}

/** The error for an unknown client id. */
export const clientNotFound = (clientId: string) =>
  new OAuthError('not_found', `There is no client ${clientId}.`);
