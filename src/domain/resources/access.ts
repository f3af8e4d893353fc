import { openIdScopes } from '../../../config/scopes.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import type { Resource, Resources } from './resources.ts';

/** What decides which resources a client may have. */
export interface ClientLimits {
  resources: string[];
  scope: string | undefined;
  /** The name of its app. */
  app: string | null;
}

/** An app's client without a list of resources may have every resource that is open to apps. */
export function mayHave(
  { identifier, isDefault, appPolicy }: Resource,
  client: ClientLimits,
): boolean {
  if (client.app !== null && appPolicy === null) return false;
  if (client.resources.length > 0) return client.resources.includes(identifier);
  return client.app !== null || isDefault;
}

/** The scopes of a resource that a client may ask for; nothing where it may have no tokens for it. */
export function scopesFor(
  resource: Resource,
  client: ClientLimits,
  apiResource: string,
): string[] | undefined {
  const { identifier, scopes } = resource;
  if (!mayHave(resource, client) || (client.app !== null && identifier === apiResource))
    return undefined;
  // Writ's own API gives nothing to a client that was not given it by name.
  const limit = client.scope ?? (identifier === apiResource ? '' : undefined);
  const names = scopes.map(({ name }) => name);
  if (limit === undefined) return names;
  const allowed = new Set(scopeTokens(limit));
  return names.filter((name) => allowed.has(name));
}

/** The OpenID Connect scopes that a client may request: all, unless it is registered with a scope (RFC 7591 §2). */
export function allowedOpenIdScopes(registered: string | undefined): string[] {
  if (registered === undefined) return [...openIdScopes];
  const allowed = new Set(scopeTokens(registered));
  return openIdScopes.filter((scope) => allowed.has(scope));
}

/**
 * THE ONE RULE for requests that name no resource: the installation's default where the client may have it, else
 * the first resource that the client was given, else, for an app's client that was given none, the first that
 * is open to apps. `except` is never chosen. Without a client the default is. `resource` is undefined where
 * only the identifier is known.
 */
export async function defaultResourceFor(
  client: ClientLimits | undefined,
  resources: Pick<Resources, 'findDefault' | 'openToApps'>,
  { except }: { except?: string } = {},
): Promise<{ identifier: string | undefined; resource: Resource | undefined }> {
  const isEligible = (resource: Resource): boolean =>
    resource.identifier !== except && (!client || mayHave(resource, client));
  const preset = await resources.findDefault();
  if (preset && isEligible(preset)) return { identifier: preset.identifier, resource: preset };
  const given = client?.resources.find((identifier) => identifier !== except);
  if (given !== undefined || !client?.app) return { identifier: given, resource: undefined };
  const open = (await resources.openToApps()).find(isEligible);
  return { identifier: open?.identifier, resource: open };
}
