/** What a client is by how it authenticates (RFC 6749 §2.1; the metadata is that of RFC 7591 §2). */
import { grantTypes } from '../../oauth/grant-types.ts';

/** Whether a client authenticates by a secret; where its metadata says nothing, it does. */
export const authenticatesBySecret = ({
  token_endpoint_auth_method: method,
}: Record<string, unknown>): boolean => method !== 'none' && method !== 'private_key_jwt';

/** Whether a client is public: it has no credentials, so anybody can use its `client_id`. */
export const isPublic = ({
  token_endpoint_auth_method: method,
}: Record<string, unknown>): boolean => method === 'none';

/** Whether a client can get ID tokens: it has a grant that people log in by. */
export const getsIdTokens = ({ grant_types: grants = [] }: Record<string, unknown>): boolean =>
  [grantTypes.authorizationCode, grantTypes.deviceCode].some((type) =>
    (grants as string[]).includes(type),
  );

/**
 * Whether a client of this kind may use a grant at all. Client credentials are for confidential clients
 * (RFC 6749 §4.4): anybody who knows the `client_id` of a public one would have its roles.
 */
export const maySupportGrant = (metadata: Record<string, unknown>, grantType: string): boolean =>
  grantType !== grantTypes.clientCredentials || !isPublic(metadata);

/** Whether a client may have tokens for a resource by its own registration, and redeems its codes with a secret. */
export const isConfidentialAppOf = (
  resource: string,
  { resources, metadata }: { resources: readonly string[]; metadata: Record<string, unknown> },
): boolean => resources.includes(resource) && authenticatesBySecret(metadata);
