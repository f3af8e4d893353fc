/** Client types by authentication (RFC 6749 §2.1; metadata of RFC 7591 §2). */
import { grantTypes } from '../../oauth/grant-types.ts';

/** Whether a client authenticates with a secret, which is the default. */
export const authenticatesBySecret = ({
  token_endpoint_auth_method: method,
}: Record<string, unknown>): boolean =>
  method === undefined || method === 'client_secret_basic' || method === 'client_secret_post';

/** The ways to authenticate with a certificate (RFC 8705 §2): by a name in it, or by the certificate itself. */
export const certificateMethods = {
  byName: 'tls_client_auth',
  selfSigned: 'self_signed_tls_client_auth',
} as const;

/** Whether a client authenticates with a certificate (RFC 8705 §2). */
export const authenticatesByCertificate = ({
  token_endpoint_auth_method: method,
}: Record<string, unknown>): boolean =>
  Object.values(certificateMethods).some((each) => each === method);

/** Whether a client has no credentials of its own, but authenticates with tokens of trusted issuers only. */
export const authenticatesByIssuer = ({
  token_endpoint_auth_method: method,
}: Record<string, unknown>): boolean => method === 'trusted_issuer';

/** Whether a client is public: it has no credentials, so anyone can use its `client_id`. */
export const isPublic = ({
  token_endpoint_auth_method: method,
}: Record<string, unknown>): boolean => method === 'none';

/** Whether a client can get ID tokens: it has a grant with which people log in. */
export const getsIdTokens = ({ grant_types: grants = [] }: Record<string, unknown>): boolean =>
  [grantTypes.authorizationCode, grantTypes.deviceCode].some((type) =>
    (grants as string[]).includes(type),
  );

/** Grants in which a client acts by its own right. */
const ofOwnRight: readonly string[] = [
  grantTypes.clientCredentials,
  grantTypes.tokenExchange,
  grantTypes.jwtBearer,
];

/**
 * Whether a client of this type can use a grant. Client credentials, token exchange and assertions are only for confidential clients
 * (RFC 6749 §4.4, RFC 8693 §5, RFC 7523 §2.1): otherwise anyone who knows the `client_id` of a public client would have its roles.
 */
export const maySupportGrant = (metadata: Record<string, unknown>, grantType: string): boolean =>
  !ofOwnRight.includes(grantType) || !isPublic(metadata);

/** Whether a client is registered for a resource and redeems its codes with a secret. */
export const isConfidentialAppOf = (
  resource: string,
  { resources, metadata }: { resources: readonly string[]; metadata: Record<string, unknown> },
): boolean => resources.includes(resource) && authenticatesBySecret(metadata);

/** Whether people must prove a second factor to sign in to a client. */
export const needsFactor = ({
  metadata,
}: {
  readonly metadata: Record<string, unknown>;
}): boolean => metadata['require_second_factor'] === true;
