/** The access checks of fields. */
import { OAuthError } from '../../../oauth/errors.ts';
import type { Person } from '../caller.ts';
import { limitsOf } from '../limits.ts';
import type { SpeckleScope } from '../scopes.ts';
import type { SpeckleContext } from './context.ts';

/** Throws `invalid_token` for anonymous callers, and for tokens that do not belong to a person. */
export function requirePerson({ caller }: SpeckleContext): Person {
  if (caller?.accountId == null)
    throw new OAuthError('invalid_token', 'Must provide an auth token');
  return caller as Person;
}

/** Scopes for data that Writ itself stores: all tokens and all apps of a person. */
const isOfWrit = (scope: SpeckleScope): boolean => /^(tokens|apps):/.test(scope);

/**
 * As `requirePerson`. Throws `insufficient_scope` if the token lacks the scope, and `access_denied` if the token is limited
 * to single projects (RFC 9396) but the scope covers all tokens or apps of the person. With `within`, the calling code
 * enforces the limits itself.
 */
export function requireScope(
  context: SpeckleContext,
  scope: SpeckleScope,
  { within = false }: { within?: boolean } = {},
): Person {
  const person = requirePerson(context);
  if (!person.scopes.has(scope))
    throw new OAuthError(
      'insufficient_scope',
      `Your auth token does not have the required scope: ${scope}.`,
    );
  if (!within && isOfWrit(scope) && limitsOf(person.principal.token).length > 0)
    throw new OAuthError('access_denied', 'Your auth token is limited to single projects.');
  return person;
}

/** As `requireScope`, for data of one project. Throws `access_denied` if the token is limited to other projects. */
export function requireScopeAt(
  context: SpeckleContext,
  scope: SpeckleScope,
  projectId: string,
): Person {
  const person = requireScope(context, scope, { within: true });
  const limits = limitsOf(person.principal.token);
  const isWithin = ({ type, identifier }: (typeof limits)[number]) =>
    type === 'project' && identifier === projectId;
  if (limits.length > 0 && !limits.some(isWithin))
    throw new OAuthError('access_denied', 'Your auth token is limited to other projects.');
  return person;
}
