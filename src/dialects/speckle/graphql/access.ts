/** What a caller must have for a field. */
import { OAuthError } from '../../../oauth/errors.ts';
import type { Person } from '../caller.ts';
import { limitsOf } from '../limits.ts';
import type { SpeckleScope } from '../scopes.ts';
import type { SpeckleContext } from './context.ts';

/** Throws `invalid_token` for a stranger, and for a token that belongs to no person. */
export function requirePerson({ caller }: SpeckleContext): Person {
  if (caller?.accountId == null)
    throw new OAuthError('invalid_token', 'Must provide an auth token');
  return caller as Person;
}

/** Scopes of what Writ itself keeps for a person: all of their tokens, and all of their apps. */
const isOfWrit = (scope: SpeckleScope): boolean => /^(tokens|apps):/.test(scope);

/**
 * As `requirePerson`. Throws `insufficient_scope` where the token lacks a scope, and `access_denied` where it is limited to
 * single projects (RFC 9396) and the scope is about all tokens or apps of its person: `within` says that the caller holds
 * to the limits itself, and is given the token all the same.
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

/** As `requireScope`, for what is kept for one project. Throws `access_denied` where the token is limited to others. */
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
