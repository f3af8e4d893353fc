import { basePathOf } from '../oauth/issuer.ts';

/** The attributes that all cookies of this server share, and the prefix of their names. */
export interface CookieScope {
  prefix: '' | '__Host-' | '__Secure-';
  path: string;
  /** Whether they are sent over https only. */
  secure: boolean;
}

/**
 * Scopes the cookies of an issuer with a path to that path, so several servers can share a host. The prefix `__Host-`,
 * which protects from other hosts of the domain, requires the path `/` (RFC 6265bis §4.1.3.2), so below a path
 * `__Secure-` is the strongest one possible. With the path `/`, everything else on the host would receive session
 * cookies. An issuer with a path therefore trusts the hosts of its domain (docs/operations.md).
 */
export function cookieScopeOf(issuer: string): CookieScope {
  const base = basePathOf(issuer);
  const secure = issuer.startsWith('https:');
  const prefix = base === '' ? '__Host-' : '__Secure-';
  return { prefix: secure ? prefix : '', path: base || '/', secure };
}
