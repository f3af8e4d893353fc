/** Rules of roles with scopes of Writ's own API: which actors can assign them, and to what. */
import { administratorRole } from '../../../config/roles.ts';
import { apiScopes } from '../../../config/scopes.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { readApiScopes } from './api-scopes.ts';
import type { Caller, ManagementActor } from './management-actor.ts';
import { serverActor } from './server-actor.ts';

/**
 * Throws `access_denied` unless the actor is allowed to manage accounts with these roles. A person can get tokens with all scopes
 * of Writ's own API that their roles have. Only an actor that has all of them can therefore assign or remove such a role, and
 * change or invite accounts that have it: with an invitation link its bearer takes over the account.
 */
export async function requireMayManage(
  connection: Connection,
  actor: ManagementActor,
  ...roles: (readonly string[] | undefined)[]
): Promise<void> {
  if (actor === serverActor) return;
  const names = [...new Set(roles.flatMap((each) => each ?? []))];
  if (names.includes(administratorRole) && !hasEveryScope(actor))
    throw new OAuthError(
      'access_denied',
      `Only a caller that has every scope of this API can create, change or invite accounts with the role ${administratorRole}.`,
    );
  const beyond = [...(await readApiScopes(connection, names))].filter(
    (scope) => !actor.scopes.has(scope),
  );
  if (beyond.length > 0)
    throw new OAuthError(
      'access_denied',
      `Only a caller that has the scopes ${beyond.join(' ')} of this API can create, change or invite accounts with a role that gives them.`,
    );
}

/** The same for one account. No effect if it does not exist. */
export async function requireMayManageAccount(
  connection: Connection,
  actor: ManagementActor,
  accountId: string,
): Promise<void> {
  const account = await connection
    .selectFrom('account')
    .select('roles')
    .where('id', '=', accountId)
    .executeTakeFirst();
  await requireMayManage(connection, actor, account?.roles);
}

/** Throws `invalid_request` for a scope that Writ's own API does not have. */
export function requireApiScopes(names: readonly string[]): void {
  const unknown = names.find((name) => !(name in apiScopes));
  if (unknown !== undefined)
    throw new OAuthError(
      'invalid_request',
      `${JSON.stringify(unknown)} is no scope of this API. Its scopes are ${Object.keys(apiScopes).join(', ')}.`,
      { parameter: 'api_scopes' },
    );
}

/**
 * Throws `access_denied` unless the actor has every scope of Writ's own API that a role gives, before and after it is changed or
 * deleted. Otherwise a caller could weaken those who have more, for example by no longer requiring a second factor of them.
 */
export function requireOwnRoleScopes(
  actor: ManagementActor,
  ...scopes: (readonly string[])[]
): void {
  if (actor === serverActor) return;
  const beyond = [...new Set(scopes.flat())].filter(
    (name) => name in apiScopes && !actor.scopes.has(name),
  );
  if (beyond.length > 0)
    throw new OAuthError(
      'access_denied',
      `You can neither change a role that gives scopes that you do not have, nor give it such scopes: ${beyond.join(' ')}.`,
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

/** Whether a caller has every scope of this API. */
export const hasEveryScope = ({ scopes }: Caller): boolean =>
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
