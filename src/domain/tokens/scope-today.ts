import { scopeTokens } from '../../oauth/names.ts';
import type { TokenState } from './lookup.ts';

/** The token's scope within what its client may ask for today. */
export function scopeToday({
  scope,
  clientScope,
  accountId,
}: Pick<TokenState, 'scope' | 'clientScope' | 'accountId'>): string | null {
  if (!scope || clientScope === null || accountId) return scope;
  const allowed = new Set(scopeTokens(clientScope));
  return scopeTokens(scope)
    .filter((token) => allowed.has(token))
    .join(' ');
}
