import { OAuthError } from '../../../oauth/errors.ts';
import { scopeTokens } from '../../../oauth/scope.ts';
import { effectiveScope } from '../effective-scope.ts';
import { isNamedToken } from '../value.ts';
import type { ActingToken, AuthorizationDetail, NewPersonalToken } from './types.ts';

/**
 * Requires that a new token does no more than the one by which its person acts; gives the person. Throws
 * `access_denied`, with the parameter that asks for more.
 */
export function requireWithin(
  by: ActingToken,
  { resource, scope, authorizationDetails = [] }: NewPersonalToken,
  /** The audience of Writ's own API. */
  apiResource: string,
): string {
  const { accountId, kind, audience } = by;
  if (accountId === null || isNamedToken(kind))
    throw new OAuthError(
      'access_denied',
      'Only a token of a login creates personal access tokens.',
    );
  if (!audience?.includes(resource))
    throw new OAuthError('access_denied', `The token is not for ${resource}.`, {
      parameter: 'resource',
    });
  const own = scopeTokens(effectiveScope(by, apiResource));
  const more = scope.find((name) => !own.includes(name));
  if (more !== undefined)
    throw new OAuthError('access_denied', `The token that creates it lacks the scope ${more}.`, {
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
      'The token that creates it is limited to single things, and to fewer than these.',
      { parameter: 'authorization_details' },
    );
  return accountId;
}

/** Whether all that one permission gives is in another. What a permission does not name is not limited by it. */
const covers = (limit: AuthorizationDetail, detail: AuthorizationDetail): boolean =>
  limit.type === detail.type &&
  (limit.identifier === undefined || limit.identifier === detail.identifier) &&
  lists.every((list) => {
    const allowed = limit[list];
    const wanted = detail[list];
    return !allowed?.length || (wanted?.length && wanted.every((name) => allowed.includes(name)));
  });

const lists = ['actions', 'locations', 'datatypes', 'privileges'] as const;
