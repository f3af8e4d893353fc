import { lifetimes } from '../../../config/lifetimes.ts';
import { accessCodeMode } from '../../oauth/response-modes.ts';

/** Seconds that an authorization code lives: as its client is registered, else by the response mode of its request. */
export function codeLifetime(mode: unknown, client: { authorization_code_ttl?: unknown }): number {
  const ttl = client.authorization_code_ttl as number | undefined;
  return ttl ?? (mode === accessCodeMode ? lifetimes.accessCode : lifetimes.authorizationCode);
}
