/** Rules for scope names, of resources and of clients (RFC 6749 §3.3). */
import { OAuthError } from '../../oauth/errors.ts';
import { isScope, isScopeToken, scopeTokens } from '../../oauth/scope.ts';

/**
 * Throws `invalid_request` for an invalid or repeated scope name of a resource. Commas are legal (RFC 6749 §3.3), but
 * almost always a comma-separated list by mistake, so they are refused except in names that existed `before`.
 */
export function requireScopeNames(names: readonly string[], before: readonly string[] = []): void {
  names.forEach((name, index) => {
    if (before.includes(name)) return;
    const problem = problemOfScopeName(name);
    if (problem)
      throw new OAuthError('invalid_request', problem, { parameter: `scopes[${index}].name` });
  });
  const duplicate = names.find((name, index) => names.indexOf(name) !== index);
  if (duplicate !== undefined)
    throw new OAuthError('invalid_request', `The scope ${duplicate} appears twice. Remove one.`, {
      parameter: 'scopes',
    });
}

/** Why a scope of a resource cannot have this name, as a sentence; undefined if it can. */
export function problemOfScopeName(name: string): string | undefined {
  if (name.includes(' '))
    return `${JSON.stringify(name)} is not a scope name: spaces separate scopes. List each scope on its own.`;
  if (!isScopeToken(name))
    return `${JSON.stringify(name)} is not a scope name: use printable ASCII without quotes and backslashes (RFC 6749 §3.3).`;
  return name.includes(',') ? commaProblem(name) : undefined;
}

const commaProblem = (name: string): string =>
  `${name} would be a single scope with a comma in its name. Scopes are separated by spaces (RFC 6749 §3.3).`;

/**
 * Throws `invalid_request` unless a client can be registered with this `scope` (RFC 7591 §2). Parts that it had
 * `before` are accepted.
 */
export function requireScope(scope: string | undefined, before?: string): void {
  if (scope === undefined || scope === before) return;
  if (!isScope(scope))
    throw new OAuthError(
      'invalid_request',
      'The scope must be a list of scope names separated by single spaces. Names are printable ASCII without quotes and backslashes (RFC 6749 §3.3).',
      { parameter: 'scope' },
    );
  const kept = scopeTokens(before);
  const name = scopeTokens(scope).find((token) => token.includes(',') && !kept.includes(token));
  if (name !== undefined)
    throw new OAuthError('invalid_request', commaProblem(name), { parameter: 'scope' });
}
