/** Whether a client authenticates by a secret (RFC 7591 §2: where its metadata says nothing, it does). */
export const authenticatesBySecret = ({
  token_endpoint_auth_method: method,
}: Record<string, unknown>): boolean => method !== 'none' && method !== 'private_key_jwt';
