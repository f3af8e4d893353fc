/** What scopes are called: those that a resource has, and those that a client is given. */
import { OAuthError } from '../../oauth/errors.ts';
import { isScope, isScopeToken, scopeTokens } from '../../oauth/scope.ts';

/**
 * Throws `invalid_request` for a name that no scope of a resource can have. A comma is legal (RFC 6749 §3.3),
 * but is nearly always a list that was written with commas, so only what has one `before` may keep it.
 */
export function requireScopeNames(names: readonly string[], before: readonly string[] = []): void {
  names.forEach((name, index) => {
    if (before.includes(name)) return;
    const problem = problemOfScopeName(name);
    if (problem)
      throw new OAuthError('invalid_request', problem, { parameter: `scopes[${index}].name` });
  });
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new OAuthError('invalid_request', `The scope ${twice} is named twice.`, {
      parameter: 'scopes',
    });
}

/** Why no scope of a resource can have the name, in a sentence; undefined where one can. */
export function problemOfScopeName(name: string): string | undefined {
  if (name.includes(' '))
    return `${JSON.stringify(name)} is no scope: it has a space in it, which separates one scope from the next. Name each on its own.`;
  if (!isScopeToken(name))
    return `${JSON.stringify(name)} is no scope: it has only printable ASCII, and neither quotes nor backslashes (RFC 6749 §3.3).`;
  return name.includes(',') ? commaProblem(name) : undefined;
}

const commaProblem = (name: string): string =>
  `${name} would be one scope with a comma in it: scopes are separated by spaces (RFC 6749 §3.3).`;

/**
 * Throws `invalid_request` for what a client cannot be registered with as its scope: scopes with one space
 * between each two. What it was `before` it may stay.
 */
export function requireScope(scope: string | undefined, before?: string): void {
  if (scope === undefined || scope === before) return;
  if (!isScope(scope))
    throw new OAuthError(
      'invalid_request',
      'A scope is printable ASCII without quotes and backslashes, with one space between each two (RFC 6749 §3.3).',
      { parameter: 'scope' },
    );
  const kept = scopeTokens(before);
  const name = scopeTokens(scope).find((token) => token.includes(',') && !kept.includes(token));
  if (name !== undefined)
    throw new OAuthError('invalid_request', commaProblem(name), { parameter: 'scope' });
}
