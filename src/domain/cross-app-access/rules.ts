/** What a client can ask an ID-JAG for. */
import { OAuthError } from '../../oauth/errors.ts';
import type { CrossAppAccess } from './types.ts';

/** What an ID-JAG is asked for: resources and scopes of the other server; empty if the request names none. */
export interface Requested {
  resources: readonly string[];
  scopes: readonly string[];
}

/**
 * The resources and scopes that a client gets for a person with these roles: those that it asks for, or all of them if there is no
 * choice. Throws `access_denied`, `invalid_target` and `invalid_scope`.
 */
export function accessFor(
  access: Pick<CrossAppAccess, 'audience' | 'roles' | 'resources' | 'scopes'>,
  roles: readonly string[],
  requested: Requested,
): Requested {
  const { audience } = access;
  if (access.roles && !access.roles.some((name) => roles.includes(name)))
    throw new OAuthError(
      'access_denied',
      `The person does not have a role that is needed for access at ${audience}.`,
    );
  const beyond = requested.resources.find((resource) => !access.resources.includes(resource));
  if (beyond !== undefined)
    throw new OAuthError(
      'invalid_target',
      `The client gets no access to this resource at ${audience}.`,
      { parameter: 'resource' },
    );
  if (requested.resources.length === 0 && access.resources.length > 1)
    throw new OAuthError('invalid_target', 'Name the resource that the ID-JAG is for.', {
      parameter: 'resource',
    });
  const refused = requested.scopes.filter((scope) => !access.scopes.includes(scope));
  if (refused.length > 0)
    throw new OAuthError(
      'invalid_scope',
      `The client does not get this scope at ${audience}: ${refused.join(' ')}.`,
      { parameter: 'scope' },
    );
  return {
    resources: requested.resources.length > 0 ? requested.resources : access.resources,
    scopes: requested.scopes.length > 0 ? requested.scopes : access.scopes,
  };
}
