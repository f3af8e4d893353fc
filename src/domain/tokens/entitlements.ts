import type { Manages } from '../../../db/schema.ts';
import { covers, intersect } from '../../oauth/permissions.ts';
import { entitlementsOf } from '../roles/entitlements.ts';
import { managesAtLeast } from '../roles/manages.ts';
import type { AssignedRole } from './role-sql.ts';
import type { TokenState } from './token-state.ts';

/** What a token says of the rights of its owner. */
export interface Rights {
  /** The app of the client. */
  app?: string;
  roles: string[];
  entitlements: string[];
}

/**
 * What a token may do: `roles` and `entitlements` (RFC 9068 §2.2.3.1), and of an app's client `app`. There, a
 * person's token may no more than the client and the person as a member of the app both may: its
 * entitlements are what both permit, and its role is the lesser, where one is. A role that a person has
 * elsewhere says nothing in an app that anybody could have made. An API token has of its owner's roles
 * those that it was made with.
 */
export function rightsOf({
  kind,
  app,
  accountId,
  roles: ofOwner,
  memberRole,
  payload,
}: Pick<TokenState, 'kind' | 'app' | 'accountId' | 'roles' | 'memberRole' | 'payload'>): Rights {
  const roles = kind === 'api_token' ? ofOwner.filter(isAmong(payload?.['roles'])) : ofOwner;
  if (app === null) return entitlementsOf(roles);
  const [client] = roles;
  if (accountId === null || !client) return { app, ...entitlementsOf(roles) };
  return { app, ...(memberRole ? narrowerOf(client, memberRole) : entitlementsOf([])) };
}

const isAmong =
  (names: unknown) =>
  ([name]: AssignedRole): boolean =>
    Array.isArray(names) && names.includes(name);

const managesOf = ([, , manages = 'nothing']: AssignedRole): Manages => manages;

/**
 * Pairs of roles that are remembered: two long ones take milliseconds, and recur with every introspection.
 * For the module, since a pair says all that its result depends on: nothing in it can become wrong.
 */
const maxCachedPairs = 1_000;
const cachedPairs = new Map<string, Omit<Rights, 'app'>>();

function narrowerOf(client: AssignedRole, member: AssignedRole): Omit<Rights, 'app'> {
  const pair = JSON.stringify([client, member]);
  const rights = cachedPairs.get(pair) ?? intersectRoles(client, member);
  // Put last, so that the one that goes is the one that nobody asked for the longest.
  cachedPairs.delete(pair);
  cachedPairs.set(pair, rights);
  for (const oldest of cachedPairs.keys()) {
    if (cachedPairs.size <= maxCachedPairs) break;
    cachedPairs.delete(oldest);
  }
  return rights;
}

/** The lesser of two roles; without a name where each permits what the other does not. */
function intersectRoles(client: AssignedRole, member: AssignedRole): Omit<Rights, 'app'> {
  const memberIsWithin = covers(client[1], member[1]);
  const clientIsWithin = covers(member[1], client[1]);
  if (memberIsWithin && clientIsWithin)
    return entitlementsOf([managesAtLeast(managesOf(member), managesOf(client)) ? client : member]);
  if (memberIsWithin) return entitlementsOf([member]);
  if (clientIsWithin) return entitlementsOf([client]);
  return { roles: [], entitlements: intersect(client[1], member[1]) };
}
