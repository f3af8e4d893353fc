import { basePathOf } from '../oauth/issuer.ts';

/** Where cookies of this server go, and what their names begin with. */
export interface CookieScope {
  prefix: '' | '__Host-' | '__Secure-';
  path: string;
  /** They are sent by https alone. */
  secure: boolean;
}

/**
 * Cookies of an issuer with a path stay below it, so that several servers share a host. `__Host-`, which no other host
 * of the domain can set, demands the path `/` (RFC 6265bis §4.1.3.2): below a path `__Secure-` is what is left. With the path
 * `/`, all else that runs on the host would be sent the value of a session; so such an issuer trusts the hosts of its domain
 * (docs/operations.md).
 */
export function cookieScopeOf(issuer: string): CookieScope {
  const base = basePathOf(issuer);
  const secure = issuer.startsWith('https:');
  const prefix = base === '' ? '__Host-' : '__Secure-';
  return { prefix: secure ? prefix : '', path: base || '/', secure };
}
