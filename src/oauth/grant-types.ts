/** The grant types as registered for OAuth (RFC 6749 §4 and §6, RFC 8628 §3.4, RFC 8693 §2.1, RFC 7523 §2.1). */
export const grantTypes = {
  clientCredentials: 'client_credentials',
  refreshToken: 'refresh_token',
  authorizationCode: 'authorization_code',
  deviceCode: 'urn:ietf:params:oauth:grant-type:device_code',
  tokenExchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
  jwtBearer: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
} as const;
