import { isIP } from 'node:net';

/** This server as the relying party of WebAuthn, in which passkeys are created and used. */
export interface RelyingParty {
  /** The domain that passkeys are bound to (WebAuthn §5.1.2): the host of the issuer. */
  id: string;
  /** The name that browsers and password managers show. */
  name: string;
  /** The origins whose pages can use the passkeys: that of the issuer first, then related ones (WebAuthn §5.11). */
  origins: readonly [string, ...string[]];
}

/**
 * The relying party of an issuer; undefined if browsers allow it no passkeys: an IP address is no domain, and without https
 * only this machine is a secure context.
 */
export function relyingPartyOf({
  issuer,
  name,
  related = [],
}: {
  issuer: string;
  name: string;
  /** Other origins at which people reach this server. */
  related?: readonly string[] | undefined;
}): RelyingParty | undefined {
  const { protocol, hostname, origin } = new URL(issuer);
  if (hostname.startsWith('[') || isIP(hostname) !== 0) return undefined;
  const isThisMachine = hostname === 'localhost' || hostname.endsWith('.localhost');
  if (protocol !== 'https:' && !isThisMachine) return undefined;
  return { id: hostname, name, origins: [origin, ...related.filter((one) => one !== origin)] };
}
