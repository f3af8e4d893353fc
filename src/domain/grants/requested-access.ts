import { scopeOfClaim } from '../../../config/claims.ts';
import { administratorRole } from '../../../config/roles.ts';
import { isPersonalScope, openIdScopes } from '../../../config/scopes.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { allows } from '../../oauth/permissions.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { actingAs } from '../audit/actor.ts';
import type { Refusals } from '../audit/refusals.ts';
import type { Client } from '../clients/lookup.ts';
import { allowedOpenIdScopes, limitsOf, scopesFor } from '../resources/access.ts';
import type { Resource, Resources } from '../resources/resources.ts';
import type { Roles } from '../roles/roles.ts';
import type { AuthorizationDetail } from '../tokens/named/types.ts';
import { parseClaims } from './claims-parameter.ts';
import { type DescribeDetail, describeDetails } from './detail-descriptions.ts';
import { describeOpenIdScopes, describeScopes } from './scope-descriptions.ts';
import type { Approver, DescribedDetail, DescribedScope } from './types.ts';

/** The access that a client requests, reduced to what it is currently allowed. */
export interface RequestedAccess {
  openIdScope: string[];
  /** Claims about the person that are requested singly (OpenID Connect Core §5.5), beyond those of the scopes. */
  claims: string[];
  resources: { resource: Resource; names: string[] }[];
  /** The requested authorization details (RFC 9396 §2), which are for the only resource. */
  authorizationDetails: readonly AuthorizationDetail[];
  /** Whether nothing is left, because the client has lost the rights that it had when it sent the request. */
  isEmpty: boolean;
}

interface Rules {
  resources: Resources;
  apiResource: string;
}

/**
 * Resolves the `scope`, `resource` and `authorization_details` parameters of a request (RFC 6749 §3.3, RFC 8707, RFC
 * 9396).
 */
export async function resolveRequestedAccess(
  client: Client,
  {
    scope,
    resource,
    authorization_details: details,
    claims,
  }: {
    scope?: string;
    resource?: string | string[];
    authorization_details?: string;
    claims?: string;
  },
  { resources, apiResource }: Rules,
): Promise<RequestedAccess> {
  const requested = new Set(scopeTokens(scope));
  const identifiers = resource === undefined ? [] : [...new Set([resource].flat())];
  const registered = client.metadata['scope'] as string | undefined;
  const allowed = await Promise.all(
    identifiers.map(async (identifier) => {
      const resource = await resources.find(identifier);
      const names = resource && scopesFor(resource, limitsOf(client), apiResource);
      return names && { resource, names: names.filter((name) => requested.has(name)) };
    }),
  );
  const left = allowed.filter((entry) => entry !== undefined);
  const authorizationDetails = details === undefined ? [] : (parseDetails(details) ?? []);
  const openIdScope = openIdScopes.filter(
    (name) =>
      requested.has(name) &&
      allowedOpenIdScopes(registered, [...requested]).includes(name) &&
      clientMayRequest(client, name),
  );
  return {
    openIdScope,
    claims: openIdScope.includes('openid') ? singleClaims(claims, openIdScope, registered) : [],
    resources: left,
    authorizationDetails,
    isEmpty:
      (identifiers.length > 0 && left.length === 0) ||
      !left.every(({ resource }) => resources.hasDetails(resource, authorizationDetails)),
  };
}

/** The claims of the parameter `claims` whose scope is not requested, but allowed to the client. */
function singleClaims(
  parameter: string | undefined,
  openIdScope: readonly string[],
  registered: string | undefined,
): string[] {
  const { userinfo, id_token } = parseClaims(parameter);
  const names = new Set([...Object.keys(userinfo ?? {}), ...Object.keys(id_token ?? {})]);
  const allowed = allowedOpenIdScopes(registered, ['openid']);
  return [...names].filter((name) => {
    const scope = scopeOfClaim(name);
    return scope !== undefined && allowed.includes(scope) && !openIdScope.includes(scope);
  });
}

/** The OpenID Connect scopes that a person decides about: also those of which only single claims are requested. */
export const openIdScopesOf = ({
  openIdScope,
  claims,
}: Pick<RequestedAccess, 'openIdScope' | 'claims'>): string[] => [
  ...new Set([...openIdScope, ...claims.flatMap((name) => scopeOfClaim(name) ?? [])]),
];

/** Parses `authorization_details`; undefined unless it is a JSON array of objects with a type (RFC 9396 §2). */
export function parseDetails(text: string): AuthorizationDetail[] | undefined {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return undefined;
  }
  return Array.isArray(given) && given.every(isDetail) ? given : undefined;
}

const isDetail = (value: unknown): value is AuthorizationDetail =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** Omits `offline_access` for clients without the refresh token grant (OpenID Connect Core §11). */
const clientMayRequest = ({ metadata }: Client, scope: string): boolean =>
  scope !== 'offline_access' ||
  ((metadata['grant_types'] as string[] | undefined) ?? []).includes(grantTypes.refreshToken);

/** Describes the requested scopes for people. */
export const describeRequestedAccess = (requested: RequestedAccess): DescribedScope[] => [
  ...requested.resources.flatMap(({ resource, names }) => describeScopes(resource, names)),
  ...describeOpenIdScopes(openIdScopesOf(requested)),
];

const scopesOfApi = ({ resources }: RequestedAccess, apiResource: string): string[] | undefined =>
  resources.find(({ resource }) => resource.identifier === apiResource)?.names;

/** The requested scopes that an account cannot grant whose roles give these scopes of Writ's own API. */
export const scopesBeyondRole = (
  requested: RequestedAccess,
  own: ReadonlySet<string>,
  apiResource: string,
): string[] =>
  scopesOfApi(requested, apiResource)?.filter((name) => !isPersonalScope(name) && !own.has(name)) ??
  [];

/** The request without the scopes that such an account cannot grant. */
export function withinRole(
  requested: RequestedAccess,
  own: ReadonlySet<string>,
  apiResource: string,
): RequestedAccess {
  const beyond = scopesBeyondRole(requested, own, apiResource);
  if (beyond.length === 0) return requested;
  return {
    ...requested,
    resources: requested.resources.map(({ resource, names }) => ({
      resource,
      names:
        resource.identifier === apiResource
          ? names.filter((name) => !beyond.includes(name))
          : names,
    })),
  };
}

/** Describes the requested authorization details for people, one entry per action. */
export const describeRequestedDetails = (
  { resources: [only], authorizationDetails }: RequestedAccess,
  describe?: DescribeDetail,
): DescribedDetail[] =>
  only ? describeDetails(only.resource, authorizationDetails, describe) : [];

/** The requested scopes by resource identifier. */
export const scopesByResource = ({ resources }: RequestedAccess): Map<string, string[]> =>
  new Map(resources.map(({ resource, names }) => [resource.identifier, names]));

/**
 * Returns the scopes of Writ's own API that an account needs from its roles to grant the request, if any. Throws `access_denied`, and
 * audits that as `action`, if the account does not have them. `own` are those of its roles.
 */
export async function requireRoleFor(
  requested: RequestedAccess,
  { id }: Pick<Approver, 'id'>,
  own: ReadonlySet<string>,
  {
    clientId,
    apiResource,
    audit,
    action,
  }: {
    clientId: string;
    apiResource: string;
    audit: Pick<Refusals, 'refused'>;
    action: 'device.approved' | 'consent.granted';
  },
): Promise<readonly string[]> {
  const needed = neededScopes(requested, apiResource);
  if (!needed) return [];
  if (own.size > 0 && needed.every((name) => own.has(name))) return needed;
  throw await auditedRefusal(
    requested,
    { id },
    { clientId, audit, action },
    roleNeeded(needed.filter((name) => !own.has(name))),
  );
}

/** The sentence for a person whose roles do not give these scopes. */
export const roleNeeded = (missing: readonly string[]): string =>
  missing.length === 0
    ? `Only an account with the role ${administratorRole} can allow this.`
    : `Only an account with the role ${administratorRole}, or another role with ${missing.join(' ')}, can allow this.`;

/** Audits the refused attempt to allow a request as `action`, and returns the `access_denied` error. */
export async function auditedRefusal(
  requested: RequestedAccess,
  { id }: Pick<Approver, 'id'>,
  {
    clientId,
    audit,
    action,
  }: {
    clientId: string;
    audit: Pick<Refusals, 'refused'>;
    action: 'device.approved' | 'consent.granted';
  },
  sentence: string,
): Promise<OAuthError> {
  await actingAs({ kind: 'account', id }, () =>
    audit.refused({
      action,
      target: { kind: 'client', id: clientId },
      details: {
        account_id: id,
        client_id: clientId,
        scope: requested.resources.flatMap(({ names }) => names).join(' '),
      },
    }),
  );
  return new OAuthError('access_denied', sentence);
}

/** Whether an account has a permission. Administrators have every one, because they can assign themselves any role. */
export async function hasPermission(
  { roles }: Pick<Approver, 'roles'>,
  permission: string,
  { named }: Pick<Roles, 'named'>,
): Promise<boolean> {
  if (roles.includes(administratorRole)) return true;
  return (await named(roles)).some(({ permissions }) => allows(permissions, permission));
}

/**
 * The requested scopes of Writ's own API that go beyond the person's own account, so that only roles give them. Undefined if there is
 * none; empty for a request of that API without any scope.
 */
export function neededScopes(
  requested: RequestedAccess,
  apiResource: string,
): string[] | undefined {
  const names = scopesOfApi(requested, apiResource);
  const beyond = scopesBeyondRole(requested, new Set(), apiResource);
  return names && (names.length === 0 || beyond.length > 0) ? beyond : undefined;
}
