import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * An IPv4 address that is mapped into IPv6 (RFC 4291 §2.5.5.2) as IPv4, any other text as it is. Node
 * decides what an address is: the library would also read `0x7f.1` and `010.0.0.1` as IPv4.
 */
export function plainAddress(ip: string): string {
  const address = parseIPv6(ip);
  return address?.isIPv4MappedAddress() ? address.toIPv4Address().toString() : ip;
}

/**
 * What attempts from an address are counted under: of IPv6 the /64, of which one subscriber can take
 * any address (RFC 4291 §2.5.1), as `2001:db8:0:0::/64`; any other text as it is.
 */
export function networkOf(ip: string | undefined): string {
  const plain = plainAddress(ip ?? '');
  const address = parseIPv6(plain);
  if (!address) return plain;
  const groups = address.parts.slice(0, 4);
  return `${groups.map((group) => group.toString(16)).join(':')}::/64`;
}

/** The zone of a link-local address (RFC 4007 §11) is left out: the library knows some names of interfaces only. */
function parseIPv6(ip: string): ipaddr.IPv6 | undefined {
  const withoutZone = ip.replace(/%.*$/s, '');
  return isIPv6(withoutZone) ? ipaddr.IPv6.parse(withoutZone) : undefined;
}
