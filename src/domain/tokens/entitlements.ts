import type { Manages } from '../../../db/schema.ts';
import { covers, intersect } from '../../oauth/permissions.ts';
import { entitlementsOf } from '../roles/entitlements.ts';
import { managesAtLeast } from '../roles/manages.ts';
import type { AssignedRole } from './role-sql.ts';
import type { TokenState } from './token-state.ts';

/** The authorization claims of a token: `roles` and `entitlements` (RFC 9068 §2.2.3.1), and `app`. */
export interface Rights {
  /** The name of the client's app. */
  app?: string;
  roles: string[];
  entitlements: string[];
}

/**
 * The current rights of a token.
 *
 * - Outside of apps they are those of its account or, without one, of its client. An API token is limited to the roles
 *   it was created with, and the token of a workload to those of the rule by which it is the client.
 * - A person's token from an app's client has only the permissions that the client's role and the person's role as a
 *   member share, and names the narrower role if one contains the other. The person's roles outside of the app do not
 *   count, because anyone can create an app.
 * - A token of token exchange has at most the rights of each subject token that it comes from. If only that one belongs
 *   to an app, it has the rights of that token within the app.
 */
export const rightsOf = (state: TokenWithRights): Rights =>
  (state.limitedBy ?? []).reduce(
    (rights, source) => limitRights(rights, ownRights(source), state.accountId),
    ownRights(state),
  );

type TokenWithRights = Pick<
  TokenState,
  'kind' | 'app' | 'accountId' | 'roles' | 'memberRole' | 'payload' | 'limitedBy'
>;

/** Clients outside of apps limit no rights of people, so there the subject token has the last word. */
function limitRights(rights: Rights, limit: Rights, accountId: string | null): Rights {
  if (accountId !== null && rights.app === undefined) return limit;
  const app = rights.app ?? limit.app;
  return { ...(app !== undefined && { app }), ...narrowerRights(rights, limit) };
}

function narrowerRights(one: Rights, other: Rights): Omit<Rights, 'app'> {
  const [first, second] = [one.entitlements, other.entitlements];
  if (covers(second, first) && one.roles.every((name) => other.roles.includes(name)))
    return { roles: one.roles, entitlements: first };
  const roles = one.roles.filter((name) => other.roles.includes(name));
  if (covers(first, second)) return { roles, entitlements: second };
  return { roles, entitlements: covers(second, first) ? first : intersect(first, second) };
}

function ownRights({
  kind,
  app,
  accountId,
  roles: ofOwner,
  memberRole,
  payload,
}: TokenWithRights): Rights {
  const limit = payload?.['roles'];
  const isLimited = kind === 'api_token' || (kind === 'access_token' && limit !== undefined);
  const roles = isLimited ? ofOwner.filter(isOneOf(limit)) : ofOwner;
  if (app === null) return entitlementsOf(roles);
  const [client] = roles;
  if (accountId === null || !client) return { app, ...entitlementsOf(roles) };
  return { app, ...(memberRole ? narrowerOf(client, memberRole) : entitlementsOf([])) };
}

const isOneOf =
  (names: unknown) =>
  ([name]: AssignedRole): boolean =>
    Array.isArray(names) && names.includes(name);

const managesOf = ([, , manages]: AssignedRole): Manages => manages ?? 'nothing';

/**
 * Intersecting two long roles takes milliseconds and recurs with every introspection, so results are cached. The key
 * contains all inputs of a pure function, so an entry never becomes stale and the cache can be shared by the process.
 */
const maxCachedPairs = 1_000;
const cachedPairs = new Map<string, Omit<Rights, 'app'>>();

function narrowerOf(client: AssignedRole, member: AssignedRole): Omit<Rights, 'app'> {
  const pair = JSON.stringify([client, member]);
  const rights = cachedPairs.get(pair) ?? intersectRoles(client, member);
  // A Map iterates in insertion order, so reinserting makes this the most recently used entry.
  cachedPairs.delete(pair);
  cachedPairs.set(pair, rights);
  for (const oldest of cachedPairs.keys()) {
    if (cachedPairs.size <= maxCachedPairs) break;
    cachedPairs.delete(oldest);
  }
  return rights;
}

/** The narrower of two roles; if neither contains the other, the permissions they share, without a role name. */
function intersectRoles(client: AssignedRole, member: AssignedRole): Omit<Rights, 'app'> {
  const memberIsWithin = covers(client[1], member[1]);
  const clientIsWithin = covers(member[1], client[1]);
  if (memberIsWithin && clientIsWithin)
    return entitlementsOf([managesAtLeast(managesOf(member), managesOf(client)) ? client : member]);
  if (memberIsWithin) return entitlementsOf([member]);
  if (clientIsWithin) return entitlementsOf([client]);
  return { roles: [], entitlements: intersect(client[1], member[1]) };
}
