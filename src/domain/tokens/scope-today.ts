import { administratorRole } from '../../../config/roles.ts';
import { scopeTokens } from '../../oauth/names.ts';
import type { TokenState } from './lookup.ts';

/**
 * The token's scope within what its owner may have today. A person's token is bound to its client's
 * scope at Writ's own API alone, and opens that only while the person is an administrator.
 */
export function scopeToday(
  {
    kind,
    scope,
    clientScope,
    accountId,
    audience,
    roles,
  }: Pick<TokenState, 'kind' | 'scope' | 'clientScope' | 'accountId' | 'audience' | 'roles'>,
  apiResource: string,
): string | null {
  if (!scope) return scope;
  const isOfApi = kind !== 'api_key' && audience?.includes(apiResource) === true;
  if (accountId !== null) {
    if (!isOfApi) return scope;
    if (!roles.some(([name]) => name === administratorRole)) return '';
  }
  // Writ's own API gives nothing to a client that was not given it by name.
  if (clientScope === null && !isOfApi) return scope;
  const allowed = new Set(scopeTokens(clientScope));
  return scopeTokens(scope)
    .filter((token) => allowed.has(token))
    .join(' ');
}
