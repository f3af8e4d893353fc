import { operatorClientId } from '../../../config/clients.ts';
import { administratorRole } from '../../../config/roles.ts';
import { apiKeyScopes, isPersonalScope, personalTokenScopes } from '../../../config/scopes.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import type { TokenState } from './token-state.ts';

/**
 * The token's scope within what its owner may have today. A person's token is bound to its client's
 * scope at Writ's own API alone, where it opens what is the person's own, and the rest only while the
 * person is an administrator. A personal access token carries those of today that read, whatever it was
 * made with. An API key opens the token API alone, but for the operator's.
 */
export function effectiveScope(
  {
    kind,
    clientId,
    scope,
    clientScope,
    accountId,
    audience,
    roles,
  }: Pick<
    TokenState,
    'kind' | 'clientId' | 'scope' | 'clientScope' | 'accountId' | 'audience' | 'roles'
  >,
  apiResource: string,
): string | null {
  if (!scope) return scope;
  if (kind === 'api_key')
    return clientId === operatorClientId ? scope : within(scope, new Set(apiKeyScopes));
  const isOfApi = audience?.includes(apiResource) === true;
  if (accountId !== null && !isOfApi) return scope;
  // Writ's own API gives nothing to a client that was not given it by name.
  if (clientScope === null && !isOfApi) return scope;
  const allowed = new Set(scopeTokens(clientScope));
  const isPersonal = accountId !== null && !roles.some(([name]) => name === administratorRole);
  const own = within(scope, allowed);
  const left = kind === 'personal_access_token' ? within(own, new Set(personalTokenScopes)) : own;
  return isPersonal ? scopeTokens(left).filter(isPersonalScope).join(' ') : left;
}

const within = (scope: string, allowed: ReadonlySet<string>): string =>
  scopeTokens(scope)
    .filter((token) => allowed.has(token))
    .join(' ');
