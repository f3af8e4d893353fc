/** AUTHORIZATION DETAILS (RFC 9396) of authorization requests and token responses. */
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { parseDetails } from '../../domain/grants/requested-access.ts';
import type { Resources } from '../../domain/resources/resources.ts';
import type { NewToken } from '../../domain/tokens/issue.ts';
import { forEngine } from '../engine/errors.ts';
import { currentScope } from '../engine/request-scope.ts';

/**
 * Validates the `authorization_details` of an authorization request, pushed or not, once its resources are known. They
 * must be of types that the request's only resource has. Throws `invalid_authorization_details` (RFC 9396 §5).
 */
export async function checkAuthorizationDetails(
  { oidc: { params, resourceServers } }: KoaContextWithOIDC,
  resources: Pick<Resources, 'find' | 'requireDetails'>,
): Promise<void> {
  const given = params?.['authorization_details'] as string | undefined;
  if (given === undefined) return;
  const [identifier, ...others] = Object.keys(resourceServers ?? {});
  if (identifier === undefined || others.length > 0)
    throw new errors.InvalidTarget(
      'authorization_details require exactly one resource; name it in the resource parameter',
    );
  const details = parseDetails(given);
  if (!details)
    throw new errors.InvalidAuthorizationDetails(
      'authorization_details must be a JSON array of objects, each with a type',
    );
  await forEngine(async () => {
    const resource =
      currentScope()?.resources.get(identifier) ?? (await resources.find(identifier));
    if (resource) resources.requireDetails(resource, details);
  });
}

/** Adds `authorization_details` (RFC 9396 §7) to a token response if the access token has any. */
export function addAuthorizationDetails(body: unknown, tokens: readonly NewToken[]): void {
  const details = tokens.find(({ kind }) => kind === 'access_token')?.payload?.['rar'];
  if (details && typeof body === 'object' && body !== null)
    Object.assign(body, { authorization_details: details });
}
