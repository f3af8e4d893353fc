/** AUTHORIZATION DETAILS (RFC 9396) of authorization requests, token requests and token responses. */
import { errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider';
import { sharedRead } from '../../domain/database/shared-read.ts';
import { parseDetails } from '../../domain/grants/requested-access.ts';
import { areWithin } from '../../domain/resources/details.ts';
import type { Resources } from '../../domain/resources/resources.ts';
import type { NewToken } from '../../domain/tokens/issue.ts';
import type { AuthorizationDetail } from '../../domain/tokens/named/types.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { forEngine } from '../engine/errors.ts';
import { type EngineClient, engineClientOf, engineContextOf } from '../engine/models.ts';
import { currentScope, type UnitOfWork } from '../engine/request-scope.ts';
import { refusedDetailsType } from './refusals.ts';

/**
 * Validates the `authorization_details` of an authorization request, pushed or not, once its resources are known. They
 * must be of types that the request's only resource has, and that the client can request. Throws
 * `invalid_authorization_details` (RFC 9396 §5).
 */
export async function checkAuthorizationDetails(
  ctx: KoaContextWithOIDC,
  resources: DetailResources,
): Promise<void> {
  const { params, resourceServers } = ctx.oidc;
  const given = params?.['authorization_details'] as string | undefined;
  if (given === undefined) return;
  const client = engineClientOf(ctx);
  const types = client?.allowed_details_types;
  const details = parsed(given);
  await requireDetails(details, Object.keys(resourceServers ?? {}), resources);
  if (client && types) requireTypes(details, client, types);
}

/**
 * The `authorization_details` of a token request; undefined if it names none. Its tokens get them at once, and
 * `assertDetailsAllowed` checks them before anything is stored.
 */
export function requestedDetails({
  oidc: { body },
}: KoaContextWithOIDC): readonly AuthorizationDetail[] | undefined {
  const given: unknown = body?.['authorization_details'];
  if (given === undefined) return undefined;
  const details = parsed(String(given));
  if (details.length === 0)
    throw new errors.InvalidAuthorizationDetails(
      'authorization_details must have at least one object; leave the parameter out to get all that was granted',
    );
  return details;
}

/**
 * Checks the details of a token request once its token is known. A grant gives no more than the person approved (RFC
 * 9396 §6.1). A client's own token has no approval, so it can only have types that the client is registered for. Throws
 * `invalid_authorization_details`, and `invalid_target` unless the token is for one resource.
 */
export async function assertDetailsAllowed(
  ctx: KoaContextWithOIDC,
  { details, tokens }: Pick<UnitOfWork, 'details' | 'tokens'>,
  resources: DetailResources,
): Promise<void> {
  const client = engineClientOf(ctx);
  const token = tokens.find(({ kind }) => kind === 'access_token');
  if (!details || !token || !client) return;
  await requireDetails(details, token.audience ?? [], resources);
  if (!token.grantId) {
    requireTypes(details, client, client.allowed_details_types ?? []);
    return;
  }
  const { payload } = currentScope()?.grants.get(token.grantId) ?? {};
  const granted = (payload?.['authorization_details'] ?? []) as AuthorizationDetail[];
  if (!areWithin(details, granted))
    throw new errors.InvalidAuthorizationDetails(
      'authorization_details must not go beyond what the person approved',
    );
}

type DetailResources = Pick<Resources, 'find' | 'requireDetails'>;

async function requireDetails(
  details: readonly AuthorizationDetail[],
  [identifier, ...others]: readonly string[],
  resources: DetailResources,
): Promise<void> {
  if (identifier === undefined || others.length > 0)
    throw new errors.InvalidTarget(
      'authorization_details require exactly one resource; name it in the resource parameter',
    );
  await forEngine(async () => {
    const resource =
      currentScope()?.resources.get(identifier) ?? (await resources.find(identifier));
    if (!resource) throw new OAuthError('invalid_target', 'The resource does not exist.');
    resources.requireDetails(resource, details);
  });
}

function requireTypes(
  details: readonly AuthorizationDetail[],
  client: EngineClient,
  types: readonly string[],
): void {
  const refused = details.find(({ type }) => !types.includes(type));
  if (refused) throw refusedDetailsType(client, refused.type);
}

function parsed(given: string): AuthorizationDetail[] {
  const details = parseDetails(given);
  if (!details)
    throw new errors.InvalidAuthorizationDetails(
      'authorization_details must be a JSON array of objects, each with a type',
    );
  return details;
}

/** Adds `authorization_details` (RFC 9396 §7) to a token response if the access token has any. */
export function addAuthorizationDetails(body: unknown, tokens: readonly NewToken[]): void {
  const details = tokens.find(({ kind }) => kind === 'access_token')?.payload?.['rar'];
  if (details && typeof body === 'object' && body !== null)
    Object.assign(body, { authorization_details: details });
}

/**
 * Adds the types of all resources to the metadata of the server (RFC 9396 §10). While the database is unreachable the
 * metadata, which is served all the same, has none.
 */
export function announceDetailsTypes(
  provider: Provider,
  { detailsTypes }: Pick<Resources, 'detailsTypes'>,
): void {
  const read = sharedRead(detailsTypes);
  provider.use(async (context, next) => {
    await next();
    const ctx = engineContextOf(context);
    if (ctx?.oidc.route !== 'discovery' || ctx.status !== 200) return;
    const types = await read().catch(() => []);
    if (types.length > 0)
      ctx.body = { ...(ctx.body as object), authorization_details_types_supported: types };
  });
}
