/** What nobody may do to a client through the API, whatever their scopes. */
import { reservedClientIdPrefix } from '../../../config/clients.ts';
import { apiScopes } from '../../../config/scopes.ts';
import type { ClientDescription } from '../../domain/clients/clients.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import type { Principal } from '../framework/principal.ts';

/** Those that Writ itself needs: the owner of the operator's key, without which nobody could undo what was done to it, and `writ-account`, which has the tokens that people make. */
export function requireNotReserved(clientId: string): void {
  if (clientId.startsWith(reservedClientIdPrefix))
    throw new OAuthError('access_denied', `The client ${clientId} belongs to Writ itself.`);
}

/**
 * Nobody can hand out more than they have: a client for this API has scopes of the one who makes it,
 * changes it or learns a secret of it. Nobody introspects the tokens of this API: they would learn
 * what opens it.
 */
export function requireOwnScopes(
  { scopes }: Principal,
  apiResource: string,
  client: { resources: string[]; resourceServerFor?: string[]; scope: unknown },
): void {
  if (client.resourceServerFor?.includes(apiResource))
    throw new OAuthError(
      'access_denied',
      "Tokens for Writ's own API can be introspected by nobody.",
    );
  if (!client.resources.includes(apiResource)) return;
  const beyond = scopeTokens(client.scope as string | undefined).filter(
    (token) => token in apiScopes && !scopes.has(token),
  );
  if (beyond.length > 0)
    throw new OAuthError(
      'access_denied',
      `You cannot give a client what you do not have: ${beyond.join(' ')}`,
    );
}

/** What a client of an app may be, and what its secrets are, is decided with the app's roles and limits. */
export function requireOfNoApp(
  { client_id: clientId, app }: Pick<ClientDescription, 'client_id' | 'app'>,
  below = '',
): void {
  if (app === null) return;
  const name = clientId.slice(app.length + 1);
  throw new OAuthError(
    'conflict',
    `The client ${clientId} is of an app: use /apps/${app}/clients/${name}${below} or "writ apps clients" instead.`,
  );
}

/** What a client is that says nothing else. A public one gets no grant by its name alone (RFC 6749 §4.4). */
export function withDefaults(given: Record<string, unknown>): Record<string, unknown> {
  const { token_endpoint_auth_method: method = 'client_secret_basic', grant_types: grants } = given;
  if (method === 'none' && (grants as string[] | undefined)?.includes('client_credentials'))
    throw new OAuthError(
      'invalid_client_metadata',
      'A public client cannot use client_credentials: it has no credentials.',
    );
  return {
    grant_types: method === 'none' ? [] : ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: method,
    ...given,
  };
}

const bySecret = ['client_secret_basic', 'client_secret_post'];

/** Other ways to authenticate need other credentials: that is another client. */
export function requireSameCredentials(before: unknown, after: unknown): void {
  if (before === after || [before, after].every((method) => bySecret.includes(String(method))))
    return;
  throw new OAuthError(
    'invalid_client_metadata',
    `token_endpoint_auth_method cannot become ${after}: make another client.`,
  );
}

export const noClient = (clientId: string) =>
  new OAuthError('not_found', `There is no client ${clientId}.`);
