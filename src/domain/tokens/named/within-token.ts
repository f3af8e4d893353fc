import { OAuthError } from '../../../oauth/errors.ts';
import { scopeTokens } from '../../../oauth/scope.ts';
import { detailLists } from '../../resources/details.ts';
import { effectiveScope } from '../effective-scope.ts';
import { isNamedToken } from '../value.ts';
import type { ActingToken, AuthorizationDetail, NewPersonalToken } from './types.ts';

/**
 * Checks that a new personal access token permits no more than the presented token. Returns the account id. Throws
 * `access_denied`, naming the parameter that exceeds it. `apiResource` is the identifier of Writ's own API.
 */
export function requireWithin(
  by: ActingToken,
  { resource, scope, authorizationDetails = [] }: NewPersonalToken,
  apiResource: string,
): string {
  const { accountId, kind, audience } = by;
  if (accountId === null || isNamedToken(kind))
    throw new OAuthError(
      'access_denied',
      'Personal access tokens can be created only with the access token of a login.',
    );
  if (!audience?.includes(resource))
    throw new OAuthError('access_denied', `The presented token is not for ${resource}.`, {
      parameter: 'resource',
    });
  const own = scopeTokens(effectiveScope(by, apiResource));
  const more = scope.find((name) => !own.includes(name));
  if (more !== undefined)
    throw new OAuthError('access_denied', `The presented token does not have the scope ${more}.`, {
      parameter: 'scope',
    });
  const limits = (by.payload?.['rar'] ?? []) as AuthorizationDetail[];
  const isWithin =
    limits.length === 0 ||
    (authorizationDetails.length > 0 &&
      authorizationDetails.every((detail) => limits.some((limit) => covers(limit, detail))));
  if (!isWithin)
    throw new OAuthError(
      'access_denied',
      'The presented token is limited to other authorization_details than these.',
      { parameter: 'authorization_details' },
    );
  return accountId;
}

/** Whether `limit` permits everything that `detail` permits. A member that is missing means no limit. */
const covers = (limit: AuthorizationDetail, detail: AuthorizationDetail): boolean =>
  limit.type === detail.type &&
  (limit.identifier === undefined || limit.identifier === detail.identifier) &&
  detailLists.every((list) => {
    const allowed = limit[list];
    const wanted = detail[list];
    return !allowed?.length || (wanted?.length && wanted.every((name) => allowed.includes(name)));
  });
