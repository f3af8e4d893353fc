import { lifetimes } from '../../../config/lifetimes.ts';
import { accessCodeMode } from '../../oauth/response-modes.ts';

/**
 * The lifetime of an authorization code in seconds: that of the client's metadata, or the default of the response mode.
 */
export function codeLifetime(mode: unknown, client: { authorization_code_ttl?: unknown }): number {
  const ttl = client.authorization_code_ttl as number | undefined;
  return ttl ?? (mode === accessCodeMode ? lifetimes.accessCode : lifetimes.authorizationCode);
}
