/** CLAIMS OF A RESOURCE'S TOKENS from attributes of the person, such as the tenant that they belong to. */
import { parameterError } from '../../oauth/errors.ts';

/** The maximum number of claims of a resource. */
export const maxClaims = 20;

/** Claims of JWTs (RFC 7519, RFC 9068) and members of introspection (RFC 7662) that have a meaning of their own. */
const reserved = new Set([
  ...[
    'iss',
    'sub',
    'aud',
    'exp',
    'nbf',
    'iat',
    'jti',
    'client_id',
    'scope',
    'cnf',
    'act',
    'may_act',
  ],
  ...['active', 'token_type', 'username', 'auth_time', 'acr', 'amr', 'azp', 'nonce', 'sid', 'typ'],
  ...['roles', 'groups', 'entitlements', 'authorization_details', 'app', 'subject', 'name'],
  ...['attributes', 'grant_id', 'epochs', 'kid', 'alg'],
]);

/** Throws `invalid_request` for a claim whose name has a meaning of its own. */
export function requireFreeClaims(claims: Readonly<Record<string, string>>): void {
  for (const claim of Object.keys(claims))
    if (reserved.has(claim))
      throw parameterError('invalid_request', 'claims', `${claim} has a meaning of its own.`);
}

/** The claims that a person's attributes give; an attribute that the person does not have gives none. */
export const claimsFrom = (
  claims: Readonly<Record<string, string>>,
  attributes: Readonly<Record<string, unknown>>,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(claims)
      .filter(([, attribute]) => Object.hasOwn(attributes, attribute))
      .map(([claim, attribute]) => [claim, attributes[attribute]]),
  );
