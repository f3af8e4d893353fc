import { operatorClientId } from '../../../config/clients.ts';
import {
  apiKeyScopes,
  isOpenIdScope,
  isPersonalScope,
  personalTokenScopes,
} from '../../../config/scopes.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { apiScopesOf } from '../roles/api-scopes.ts';
import type { AssignedRole } from './role-sql.ts';
import type { TokenState } from './token-state.ts';

/**
 * The scope that a token has now: the scope it was issued with, narrowed to what its client and account are still
 * allowed.
 *
 * - A client's token is narrowed to the registered scope of the client.
 * - A person's token is narrowed only at Writ's own API: to the client's registered scope, and to the scopes that the person's
 *   roles give and those that concern the person's own things. Scopes of OpenID Connect belong to no API and
 *   stay.
 * - A personal access token has at most the read scopes of Writ's own API.
 * - An API key has only the scopes of the token API, except for the key of the operator.
 * - A token of token exchange has at most what each subject token that it comes from has now.
 */
export function effectiveScope(state: ScopedToken, apiResource: string): string | null {
  return (state.limitedBy ?? []).reduce(
    (scope, source) => scope && within(scope, new Set(scopeTokens(ownScope(source, apiResource)))),
    ownScope(state, apiResource),
  );
}

type ScopedToken = Pick<
  TokenState,
  'kind' | 'clientId' | 'scope' | 'clientScope' | 'accountId' | 'audience' | 'roles' | 'limitedBy'
>;

function ownScope(
  { kind, clientId, scope, clientScope, accountId, audience, roles }: ScopedToken,
  apiResource: string,
): string | null {
  if (!scope) return scope;
  if (kind === 'api_key')
    return clientId === operatorClientId ? scope : within(scope, new Set(apiKeyScopes));
  const isOfApi = audience?.includes(apiResource) === true;
  if (accountId !== null && !isOfApi) return scope;
  // Other resources leave a client without a registered scope unlimited; Writ's own API gives it none.
  if (clientScope === null && !isOfApi) return scope;
  const allowed = new Set(scopeTokens(clientScope));
  const ofRoles = accountId === null ? undefined : apiScopesOfAssigned(roles);
  const own = within(scope, allowed);
  const left = kind === 'personal_access_token' ? within(own, new Set(personalTokenScopes)) : own;
  const kept = scopeTokens(left).filter(
    (name) => !ofRoles || isPersonalScope(name) || ofRoles.has(name),
  );
  const ofLogin = kind === 'access_token' || kind === 'refresh_token';
  const openId = accountId !== null && ofLogin ? scopeTokens(scope).filter(isOpenIdScope) : [];
  return [...new Set([...openId, ...kept])].join(' ');
}

/** The scopes that a person's roles give at Writ's own API. */
export const apiScopesOfAssigned = (roles: readonly AssignedRole[]): Set<string> =>
  apiScopesOf(roles.map(([name, , , given = []]) => ({ name, api_scopes: given })));

const within = (scope: string, allowed: ReadonlySet<string>): string =>
  scopeTokens(scope)
    .filter((token) => allowed.has(token))
    .join(' ');
