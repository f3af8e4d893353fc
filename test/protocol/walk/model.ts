// What a server is expected to know of tokens, written down a second time without its ideas: there are no epochs here, and
// whatever ends a token marks that token.
import type { Credentials } from '../../support/http.ts';

export interface ModelApp {
  name: string;
  state: 'enabled' | 'disabled' | 'deleted';
  /** The permissions of its roles. */
  roles: Map<string, string[]>;
}

export interface ModelClient extends Credentials {
  /** Its name in the messages of a failed walk. */
  label: string;
  state: 'enabled' | 'disabled' | 'deleted';
  kind: 'machine' | 'login' | 'device';
  roles: string[];
  /** The registered scope; undefined if there is none. */
  scope?: string[] | undefined;
  app?: ModelApp;
  isPublic: boolean;
  rotates: boolean;
}

export interface ModelAccount {
  label: string;
  id: string;
  state: 'enabled' | 'disabled' | 'deleted';
  roles: string[];
  /** The role in the app. */
  memberRole?: string | undefined;
}

export interface ModelGrant {
  id: string;
  account: ModelAccount;
  client: ModelClient;
}

export interface ModelToken {
  label: string;
  value: string;
  id: string;
  kind: 'access_token' | 'refresh_token' | 'personal_access_token' | 'api_token';
  clientId: string;
  /** Absent for a personal access token. */
  client?: ModelClient;
  account?: ModelAccount;
  grant?: ModelGrant;
  resource: string;
  scope: string[];
  /** Of a JWT. */
  kid?: string;
  /** The roles that an API token is limited to. */
  limit?: string[];
  subject?: { type: string; id: string };
  /** Why it is not active any longer. */
  ended?: 'revoked' | 'inactive' | undefined;
  isExpired: boolean;
  /** The request that redeemed a rotating refresh token, and its response. */
  redeemed?: { scope: string | undefined; response: string; isAged: boolean } | undefined;
}

export const isActive = (token: ModelToken): boolean =>
  !token.ended && !token.isExpired && !token.redeemed;

/** What the API of tokens shows as its state. */
export function stateOf(token: ModelToken): string {
  if (token.ended === 'revoked') return 'revoked';
  if (token.isExpired) return 'expired';
  return isActive(token) ? 'active' : 'inactive';
}

const distinct = (values: string[]): string[] => [...new Set(values)].toSorted();

/** The roles and permissions of a token now. */
export function rightsOf(
  { client, account, limit }: ModelToken,
  roles: ReadonlyMap<string, string[]>,
): { app?: string; roles: string[]; entitlements: string[] } {
  const of = (names: string[], all: ReadonlyMap<string, string[]>) => ({
    roles: distinct(names),
    entitlements: distinct(names.flatMap((name) => all.get(name) ?? [])),
  });
  if (!client?.app) {
    const names = (account ?? client)?.roles ?? [];
    return of(limit ? names.filter((name) => limit.includes(name)) : names, roles);
  }
  const { app } = client;
  const [ofClient = ''] = client.roles;
  if (!account) return { app: app.name, ...of([ofClient], app.roles) };
  const { memberRole } = account;
  if (memberRole === undefined) return { app: app.name, roles: [], entitlements: [] };
  const [one, other] = [of([ofClient], app.roles), of([memberRole], app.roles)];
  const within = (inner: typeof one, outer: typeof one) =>
    inner.entitlements.every((permission) => outer.entitlements.includes(permission));
  if (within(one, other)) return { app: app.name, ...one };
  if (within(other, one)) return { app: app.name, ...other };
  return {
    app: app.name,
    roles: [],
    entitlements: one.entitlements.filter((name) => other.entitlements.includes(name)),
  };
}

/** What introspection shows of an access token to its API. */
export function shownOf(
  token: ModelToken,
  roles: ReadonlyMap<string, string[]>,
): Record<string, unknown> {
  if (!isActive(token) || token.kind === 'refresh_token') return { active: false };
  const { client, account, subject, clientId } = token;
  const registered = account ? undefined : client?.scope;
  const scope = registered ? token.scope.filter((name) => registered.includes(name)) : token.scope;
  return {
    active: true,
    client_id: clientId,
    sub: subject ? `${clientId}|${subject.type}|${subject.id}` : (account?.id ?? clientId),
    aud: token.resource,
    scope: scope.length > 0 ? distinct(scope).join(' ') : undefined,
    ...rightsOf(token, roles),
  };
}
