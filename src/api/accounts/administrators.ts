/** Who may make administrators, and change them: nobody can hand out more than they have. */
import { administratorRole } from '../../../config/roles.ts';
import { apiScopes } from '../../../config/scopes.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Principal } from '../framework/principal.ts';

/**
 * An administrator can have tokens with every scope of this API. So only who has them all gives that
 * role or takes it, and changes or invites an account that has it: with a link of theirs, anybody
 * could become them.
 */
export function requireAllScopes({ scopes }: Principal, ...roles: (readonly string[])[]): void {
  if (!roles.some((names) => names.includes(administratorRole))) return;
  if (Object.keys(apiScopes).every((scope) => scopes.has(scope))) return;
  throw new OAuthError(
    'access_denied',
    `Only who has every scope of this API can make, change and invite accounts with the role ${administratorRole}.`,
  );
}

/** A client has scopes of its own; that role would say nothing of it. */
export function requireNotAdministrator(roles: readonly string[] | undefined): void {
  if (roles?.includes(administratorRole))
    throw new OAuthError(
      'invalid_request',
      `The role ${administratorRole} is for accounts; give a client this API as a resource, and scopes.`,
    );
}

/** What the role means is decided by this server alone. */
export function requireNotItsRole(name: string): void {
  if (name === administratorRole)
    throw new OAuthError('access_denied', `The role ${administratorRole} belongs to Writ itself.`);
}
