/** What a caller must have for a field. */
import { OAuthError } from '../../../oauth/errors.ts';
import type { Person } from '../caller.ts';
import type { SpeckleScope } from '../scopes.ts';
import type { SpeckleContext } from './context.ts';

/** Throws `invalid_token` for a stranger, and for a token that belongs to no person. */
export function requirePerson({ caller }: SpeckleContext): Person {
  if (caller?.accountId == null)
    throw new OAuthError('invalid_token', 'Must provide an auth token');
  return caller as Person;
}

/** As `requirePerson`. Throws `insufficient_scope` where the token lacks a scope. */
export function requireScope(context: SpeckleContext, scope: SpeckleScope): Person {
  const person = requirePerson(context);
  if (!person.scopes.has(scope))
    throw new OAuthError(
      'insufficient_scope',
      `Your auth token does not have the required scope: ${scope}.`,
    );
  return person;
}
