/** THE SECURITY OF A CLIENT OF AN APP: its keys, and what its requests must have (docs/strict-clients.md). */
import { createPublicKey } from 'node:crypto';
import { OAuthError } from '../../oauth/errors.ts';
import { isFapi2, requireProfile } from '../clients/profiles.ts';
import {
  type ClientKind,
  type ClientSecurity,
  hasRedirectUris,
  isConfidentialKind,
  type NewAppClient,
} from './types.ts';

/** The security of a client from its metadata. */
export const securityOf = (metadata: Record<string, unknown>): ClientSecurity => ({
  profile: isFapi2(metadata) ? 'fapi2' : null,
  jwks: (metadata['jwks'] as ClientSecurity['jwks'] | undefined) ?? null,
  requirePushedRequests: metadata['require_pushed_authorization_requests'] === true,
  dpopBound: metadata['dpop_bound_access_tokens'] === true,
});

/** The security of a new client, or of one after a change. A new profile sets what it requires. */
export function changedSecurity(
  kind: ClientKind,
  given: NonNullable<NewAppClient['security']> = {},
  before: ClientSecurity = securityOf({}),
): ClientSecurity {
  const {
    profile = before.profile,
    jwks = before.jwks,
    requirePushedRequests = before.requirePushedRequests,
    dpopBound = before.dpopBound,
  } = given;
  const isNew = profile !== null && before.profile === null;
  return {
    profile,
    jwks,
    requirePushedRequests:
      requirePushedRequests ||
      (isNew && given.requirePushedRequests === undefined && hasRedirectUris(kind)),
    dpopBound: dpopBound || (isNew && given.dpopBound === undefined),
  };
}

/** The members of a client's metadata that its security sets (RFC 7591 §2, RFC 9126 §6, RFC 9449 §5.2). */
export const securityMetadata = ({
  profile,
  jwks,
  requirePushedRequests,
  dpopBound,
}: ClientSecurity): Record<string, unknown> => ({
  ...(jwks && { token_endpoint_auth_method: 'private_key_jwt', jwks }),
  ...(requirePushedRequests && { require_pushed_authorization_requests: true }),
  ...(dpopBound && { dpop_bound_access_tokens: true }),
  ...(profile && { profile, require_pkce: true }),
});

/** Throws `invalid_request` if a client of this kind cannot have this security. */
export function requireSecurity(
  kind: ClientKind,
  { jwks, profile, requirePushedRequests }: ClientSecurity,
  metadata: Record<string, unknown>,
): void {
  if (jwks && !isConfidentialKind(kind))
    throw refused('jwks', 'Only a server, an agent and a website with a server can have keys.');
  if (jwks) requirePublicKeys(jwks);
  if (requirePushedRequests && !hasRedirectUris(kind))
    throw refused(
      'require_pushed_authorization_requests',
      'This kind of client has no authorization requests.',
    );
  if (profile && !isConfidentialKind(kind))
    throw refused(
      'profile',
      'Only a server, an agent and a website with a server can have the profile fapi2.',
    );
  if (profile && !jwks)
    throw refused('jwks', 'The profile fapi2 needs the public keys of the client.');
  // A server has no authorization requests that could be pushed.
  requireProfile(
    hasRedirectUris(kind) ? metadata : { ...metadata, require_pushed_authorization_requests: true },
  );
}

const maxKeys = 20;
const maxBytes = 16 * 1024;

/** Throws `invalid_request` unless it is a JWK Set of public keys (RFC 7517 §5). */
function requirePublicKeys(jwks: unknown): void {
  const { keys } = (jwks ?? {}) as { keys?: unknown };
  const isSet =
    Array.isArray(keys) &&
    keys.length >= 1 &&
    keys.length <= maxKeys &&
    Buffer.byteLength(JSON.stringify(jwks)) <= maxBytes;
  if (!isSet)
    throw refused(
      'jwks',
      `The keys must be a JWK Set, such as {"keys": [{"kty": "EC", …}]}, with at most ${maxKeys} keys.`,
    );
  for (const key of keys as Record<string, unknown>[]) {
    if (typeof key === 'object' && key !== null && 'd' in key)
      throw refused('jwks', 'This is a private key. Enter only the public one.');
    try {
      createPublicKey({ key: key as never, format: 'jwk' });
    } catch {
      throw refused('jwks', 'One of the keys is not a public key of the type EC, RSA or OKP.');
    }
  }
}

const refused = (parameter: string, problem: string) =>
  new OAuthError('invalid_request', problem, { parameter });
