/** The rules of the administrator role: who may assign it, and what it can be assigned to. */
import { administratorRole } from '../../../config/roles.ts';
import { apiScopes } from '../../../config/scopes.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { ManagementActor } from './management-actor.ts';
import { serverActor } from './server-actor.ts';

/**
 * An administrator can have tokens with every scope of Writ's own API. So only an actor that has them all
 * assigns the role or removes it, and changes or invites an account that has it: an invitation link lets
 * its bearer become that account. Throws `access_denied`.
 */
export function requireMayManage(
  actor: ManagementActor,
  ...roles: (readonly string[] | undefined)[]
): void {
  if (actor === serverActor || !roles.some((names) => names?.includes(administratorRole))) return;
  if (Object.keys(apiScopes).every((scope) => actor.scopes.has(scope))) return;
  throw new OAuthError(
    'access_denied',
    `Only who has every scope of this API can make, change and invite accounts with the role ${administratorRole}.`,
  );
}

/**
 * A client has scopes of its own, so the administrator role would mean nothing for it. Throws
 * `invalid_request`.
 */
export function requireNoAdministratorRole(roles: readonly string[] | undefined): void {
  if (roles?.includes(administratorRole))
    throw new OAuthError(
      'invalid_request',
      `The role ${administratorRole} is for accounts; give a client this API as a resource, and scopes.`,
      { parameter: 'roles' },
    );
}

/** Only the server decides what the administrator role means. Throws `access_denied`. */
export function requireNotAdministratorRole(actor: ManagementActor, name: string): void {
  if (actor !== serverActor && name === administratorRole)
    throw new OAuthError('access_denied', `The role ${administratorRole} belongs to Writ itself.`);
}
