/** AUTHORIZATION DETAILS (RFC 9396): what a client asks for of single things, and what its token response says of them. */
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { readDetails } from '../../domain/grants/requested-access.ts';
import type { Resources } from '../../domain/resources/resources.ts';
import type { NewToken } from '../../domain/tokens/issue.ts';
import { forEngine } from '../engine/errors.ts';
import { currentScope } from '../engine/request-scope.ts';

/**
 * Checks the `authorization_details` of an authorization request, pushed or not, once its resources are known: they are
 * of kinds that its one resource has. Throws `invalid_authorization_details` (RFC 9396 §5).
 */
export async function checkAuthorizationDetails(
  { oidc: { params, resourceServers } }: KoaContextWithOIDC,
  resources: Pick<Resources, 'find' | 'requireDetails'>,
): Promise<void> {
  const given = params?.['authorization_details'] as string | undefined;
  if (given === undefined) return;
  const [identifier, ...others] = Object.keys(resourceServers ?? {});
  if (identifier === undefined || others.length > 0)
    throw new errors.InvalidTarget('authorization_details are for one resource: name it');
  const details = readDetails(given);
  if (!details)
    throw new errors.InvalidAuthorizationDetails(
      'authorization_details must be a JSON array of objects that have a type',
    );
  await forEngine(async () => {
    const resource =
      currentScope()?.resources.get(identifier) ?? (await resources.find(identifier));
    if (resource) resources.requireDetails(resource, details);
  });
}

/** The member of a token response (RFC 9396 §7) that says what the access token is limited to. */
export function tellAuthorizationDetails(body: unknown, tokens: readonly NewToken[]): void {
  const details = tokens.find(({ kind }) => kind === 'access_token')?.payload?.['rar'];
  if (details && typeof body === 'object' && body !== null)
    Object.assign(body, { authorization_details: details });
}
