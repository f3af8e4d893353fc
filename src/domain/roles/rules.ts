/** Rules of the administrator role: which actors can assign it, and to what. */
import { administratorRole } from '../../../config/roles.ts';
import { apiScopes } from '../../../config/scopes.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Caller, ManagementActor } from './management-actor.ts';
import { serverActor } from './server-actor.ts';

/**
 * Throws `access_denied` unless the actor is allowed to manage accounts with these roles. An administrator can get
 * tokens with every scope of Writ's own API. Only an actor that has all of them can therefore assign or remove the
 * role, and change or invite accounts that have it: with an invitation link its bearer takes over the account.
 */
export function requireMayManage(
  actor: ManagementActor,
  ...roles: (readonly string[] | undefined)[]
): void {
  if (actor === serverActor || !roles.some((names) => names?.includes(administratorRole))) return;
  if (hasEveryScope(actor)) return;
  throw new OAuthError(
    'access_denied',
    `Only a caller that has every scope of this API can create, change or invite accounts with the role ${administratorRole}.`,
  );
}

/** Throws `access_denied` unless the actor has every scope of this API, as administrators have. */
export function requireEveryScope(actor: ManagementActor, action: string): void {
  if (actor === serverActor || hasEveryScope(actor)) return;
  throw new OAuthError(
    'access_denied',
    `Only a caller that has every scope of this API can ${action}.`,
  );
}

const hasEveryScope = ({ scopes }: Caller): boolean =>
  Object.keys(apiScopes).every((scope) => scopes.has(scope));

/**
 * Throws `invalid_request` for the administrator role. It would have no effect on a client, which has its own
 * scopes.
 */
export function requireNoAdministratorRole(roles: readonly string[] | undefined): void {
  if (roles?.includes(administratorRole))
    throw new OAuthError(
      'invalid_request',
      `The role ${administratorRole} can only be assigned to accounts. Give a client this API as a resource, and scopes.`,
      { parameter: 'roles' },
    );
}

/** Throws `access_denied` if a caller tries to change the administrator role, which only the server defines. */
export function requireNotAdministratorRole(actor: ManagementActor, name: string): void {
  if (actor !== serverActor && name === administratorRole)
    throw new OAuthError(
      'access_denied',
      `The role ${administratorRole} is built in and cannot be changed.`,
    );
}
