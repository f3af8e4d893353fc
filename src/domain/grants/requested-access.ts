import { administratorRole } from '../../../config/roles.ts';
import { isPersonalScope, openIdScopes } from '../../../config/scopes.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { allows } from '../../oauth/permissions.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { actingAs } from '../audit/actor.ts';
import type { Refusals } from '../audit/refusals.ts';
import type { Client } from '../clients/lookup.ts';
import { allowedOpenIdScopes, scopesFor } from '../resources/access.ts';
import type { Resource, Resources } from '../resources/resources.ts';
import type { Roles } from '../roles/roles.ts';
import type { AuthorizationDetail } from '../tokens/named/types.ts';
import { type DescribeDetail, describeDetails } from './detail-descriptions.ts';
import { describeOpenIdScopes, describeScopes } from './scope-descriptions.ts';
import type { Approver, DescribedDetail, DescribedScope } from './types.ts';

/** What a client requests of a person, as far as it may have it at this moment. */
export interface RequestedAccess {
  openIdScope: string[];
  resources: { resource: Resource; names: string[] }[];
  /** The single things of its one resource that it asks for (RFC 9396 §2). */
  authorizationDetails: readonly AuthorizationDetail[];
  /** The client has lost all that it requested since. */
  isEmpty: boolean;
}

interface Rules {
  resources: Resources;
  apiResource: string;
}

/** Resolves the `scope`, `resource` and `authorization_details` parameters of a request (RFC 6749 §3.3, RFC 8707, RFC 9396). */
export async function resolveRequestedAccess(
  client: Client,
  {
    scope,
    resource,
    authorization_details: details,
  }: { scope?: string; resource?: string | string[]; authorization_details?: string },
  { resources, apiResource }: Rules,
): Promise<RequestedAccess> {
  const asked = new Set(scopeTokens(scope));
  const identifiers = resource === undefined ? [] : [...new Set([resource].flat())];
  const registered = client.metadata['scope'] as string | undefined;
  const allowed = await Promise.all(
    identifiers.map(async (identifier) => {
      const resource = await resources.find(identifier);
      const limits = { resources: client.resources, scope: registered, app: client.app };
      const names = resource && scopesFor(resource, limits, apiResource);
      return names && { resource, names: names.filter((name) => asked.has(name)) };
    }),
  );
  const left = allowed.filter((entry) => entry !== undefined);
  const authorizationDetails = details === undefined ? [] : (readDetails(details) ?? []);
  return {
    openIdScope: openIdScopes.filter(
      (name) =>
        asked.has(name) &&
        allowedOpenIdScopes(registered).includes(name) &&
        clientMayRequest(client, name),
    ),
    resources: left,
    authorizationDetails,
    isEmpty:
      (identifiers.length > 0 && left.length === 0) ||
      !left.every(({ resource }) => resources.hasDetails(resource, authorizationDetails)),
  };
}

/** Reads the parameter; undefined where it is no JSON array of objects that have a type. */
export function readDetails(text: string): AuthorizationDetail[] | undefined {
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

/** A client without the refresh token grant has no use for `offline_access`. */
const clientMayRequest = ({ metadata }: Client, scope: string): boolean =>
  scope !== 'offline_access' ||
  ((metadata['grant_types'] as string[] | undefined) ?? []).includes(grantTypes.refreshToken);

/** Describes what is requested, for people. */
export const describeRequestedAccess = ({
  resources,
  openIdScope,
}: RequestedAccess): DescribedScope[] => [
  ...resources.flatMap(({ resource, names }) => describeScopes(resource, names)),
  ...describeOpenIdScopes(openIdScope),
];

const ofApi = ({ resources }: RequestedAccess, apiResource: string): string[] | undefined =>
  resources.find(({ resource }) => resource.identifier === apiResource)?.names;

/** Scopes that an account with these roles cannot grant. */
export const scopesBeyondRole = (
  asked: RequestedAccess,
  roles: string[],
  apiResource: string,
): string[] =>
  roles.includes(administratorRole)
    ? []
    : (ofApi(asked, apiResource)?.filter((name) => !isPersonalScope(name)) ?? []);

/** Describes the actions on single things that are requested, for people, in their order. */
export const describeRequestedDetails = (
  { resources: [only], authorizationDetails }: RequestedAccess,
  describe?: DescribeDetail,
): DescribedDetail[] =>
  only ? describeDetails(only.resource, authorizationDetails, describe) : [];

/** The scopes of each resource. */
export const scopesByResource = ({ resources }: RequestedAccess): Map<string, string[]> =>
  new Map(resources.map(({ resource, names }) => [resource.identifier, names]));

/**
 * The role that an account needs to grant the request, if any. Throws `access_denied`, audited as
 * `action`, if the account lacks it.
 */
export async function requireRoleFor(
  asked: RequestedAccess,
  { id, roles }: Approver,
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
): Promise<string | undefined> {
  const role = roleFor(asked, apiResource);
  if (!role || roles.includes(role)) return role;
  throw await refusalOf(
    asked,
    { id },
    { clientId, audit, action },
    `Only an account with the role ${role} can allow this.`,
  );
}

/** The error for an account that cannot allow a request; the attempt is audited as `action`. */
export async function refusalOf(
  asked: RequestedAccess,
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
        scope: asked.resources.flatMap(({ names }) => names).join(' '),
      },
    }),
  );
  return new OAuthError('access_denied', sentence);
}

/** Whether a role gives an account a permission. Administrators give roles, and so have every one. */
export async function hasPermission(
  { roles }: Pick<Approver, 'roles'>,
  permission: string,
  { named }: Pick<Roles, 'named'>,
): Promise<boolean> {
  if (roles.includes(administratorRole)) return true;
  return (await named(roles)).some(({ permissions }) => allows(permissions, permission));
}

/** Only administrators grant access to Writ's own API that goes beyond the person's own account. */
function roleFor(asked: RequestedAccess, apiResource: string): string | undefined {
  const names = ofApi(asked, apiResource);
  return names && (names.length === 0 || scopesBeyondRole(asked, [], apiResource).length > 0)
    ? administratorRole
    : undefined;
}
