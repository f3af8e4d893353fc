import { commandLineApiClientId } from '../../../config/clients.ts';
import { openIdScopes, scopesBesideOpenId } from '../../../config/scopes.ts';
import type { ClientOrigin } from '../../../db/schema.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { isPairwise } from '../clients/subjects.ts';
import type { Resource, Resources } from './resources.ts';

/** The properties of a client that determine which resources and scopes it can get tokens for. */
export interface ClientLimits {
  /** The identifiers of its resources; empty for the default. */
  resources: string[];
  /** Its registered scope (RFC 7591 §2). */
  scope: string | undefined;
  /** The name of its app. */
  app: string | null;
  /** Whether it knows people under pairwise IDs. */
  isPairwise?: boolean | undefined;
  /** Whether it registered itself, and belongs to no app. */
  isSelfRegistered?: boolean | undefined;
  /** Whether it is the client with which the command line logs in to other APIs. */
  isCommandLine?: boolean | undefined;
}

/** The limits of a client. */
export const limitsOf = ({
  clientId,
  resources,
  app,
  metadata,
  origin = null,
}: {
  clientId: string;
  resources: string[];
  app: string | null;
  metadata: Record<string, unknown>;
  origin?: ClientOrigin | null;
}): ClientLimits => ({
  resources,
  app,
  isSelfRegistered: origin !== null && app === null,
  isCommandLine: clientId === commandLineApiClientId,
  scope: metadata['scope'] as string | undefined,
  isPairwise: isPairwise(metadata),
});

/**
 * The scopes that a resource opens to a client of its kind; undefined if the client can get no tokens for the resource. A client
 * without a list of resources can use the default one; if it belongs to an app, every resource that is open to apps; if it
 * registered itself, every one that is open to such clients. The command line can use what people can create personal access
 * tokens for.
 */
function scopesOpenTo(
  { identifier, scopes, isDefault, appPolicy, personalPolicy, selfRegisteredPolicy }: Resource,
  client: ClientLimits,
): string[] | undefined {
  const all = scopes.map(({ name }) => name);
  const allIf = (isOpen: boolean) => (isOpen ? all : undefined);
  if (client.isCommandLine)
    return personalPolicy
      ? all.filter((name) => !personalPolicy.withheld_scopes?.includes(name))
      : undefined;
  if (client.app !== null && appPolicy === null) return undefined;
  if (client.resources.length > 0) return allIf(client.resources.includes(identifier));
  if (client.isSelfRegistered) {
    const open = selfRegisteredPolicy?.scopes;
    return open ? all.filter((name) => open.includes(name)) : allIf(selfRegisteredPolicy !== null);
  }
  return allIf(client.app !== null || isDefault);
}

/** Whether a client can get tokens for a resource. */
export const canUse = (resource: Resource, client: ClientLimits): boolean =>
  scopesOpenTo(resource, client) !== undefined;

/**
 * The scopes of a resource that a client can request; undefined if it can get no tokens for the resource. Clients of apps get
 * none for Writ's own API, and neither do clients that registered themselves or have pairwise IDs: it names people by the IDs
 * of their accounts.
 */
export function scopesFor(
  resource: Resource,
  client: ClientLimits,
  apiResource: string,
): string[] | undefined {
  const { identifier } = resource;
  const names = scopesOpenTo(resource, client);
  if (
    !names ||
    (identifier === apiResource &&
      (client.app !== null || client.isSelfRegistered || client.isPairwise))
  )
    return undefined;
  // A client has no scope of Writ's own API unless it is registered with it.
  const limit = client.scope ?? (identifier === apiResource ? '' : undefined);
  if (limit === undefined) return names;
  const allowed = new Set(scopeTokens(limit));
  return names.filter((name) => allowed.has(name));
}

/**
 * The OpenID Connect scopes that a client can get for a request: all, unless it is registered with a scope (RFC 7591
 * §2). Some mean something only beside `openid`.
 */
export function allowedOpenIdScopes(
  registered: string | undefined,
  requested: readonly string[],
): string[] {
  const allowed = registered === undefined ? undefined : new Set(scopeTokens(registered));
  const isAboutPerson = requested.includes('openid');
  return openIdScopes.filter(
    (scope) =>
      (allowed?.has(scope) ?? true) && (isAboutPerson || !scopesBesideOpenId.includes(scope)),
  );
}

/**
 * The single rule for requests without a `resource` parameter (RFC 8707 §2), in this order:
 *
 * 1. the default resource of the installation, if the client can use it;
 * 2. the first resource that the client is registered with;
 * 3. for an app's client without a list of resources, the first resource open to apps, and for one that registered itself
 *    the first resource open to such clients.
 *
 * `except` is never chosen. Without a client only the first step applies. `resource` is undefined if only the
 * identifier is known.
 */
export async function defaultResourceFor(
  client: ClientLimits | undefined,
  resources: Pick<Resources, 'findDefault' | 'openToApps' | 'openToSelfRegistered'>,
  { except }: { except?: string } = {},
): Promise<{ identifier: string | undefined; resource: Resource | undefined }> {
  const isEligible = (resource: Resource): boolean =>
    resource.identifier !== except && (!client || canUse(resource, client));
  const defaultResource = await resources.findDefault();
  if (defaultResource && isEligible(defaultResource))
    return { identifier: defaultResource.identifier, resource: defaultResource };
  const registered = client?.resources.find((identifier) => identifier !== except);
  const others = client?.app
    ? resources.openToApps
    : client?.isSelfRegistered && resources.openToSelfRegistered;
  if (registered !== undefined || !others) return { identifier: registered, resource: undefined };
  const open = (await others()).find(isEligible);
  return { identifier: open?.identifier, resource: open };
}
