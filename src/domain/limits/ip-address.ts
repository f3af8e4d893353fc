import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Converts an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) to IPv4; any other text is returned unchanged. Node
 * decides what an address is, since the library also accepts `0x7f.1` and `010.0.0.1` as IPv4.
 */
export function plainAddress(ip: string): string {
  const address = parseIPv6(ip);
  return address?.isIPv4MappedAddress() ? address.toIPv4Address().toString() : ip;
}

/**
 * The network that attempts from an address are counted for. For IPv6 this is the /64, such as `2001:db8:0:0::/64`,
 * because one subscriber can use any address in it (RFC 4291 §2.5.1); any other text is returned unchanged.
 */
export function networkOf(ip: string | undefined): string {
  const plain = plainAddress(ip ?? '');
  const address = parseIPv6(plain);
  if (!address) return plain;
  const groups = address.parts.slice(0, 4);
  return `${groups.map((group) => group.toString(16)).join(':')}::/64`;
}

/**
 * Parses an IPv6 address without the zone of a link-local one (RFC 4007 §11), for which the library only knows some
 * interface names.
 */
function parseIPv6(ip: string): ipaddr.IPv6 | undefined {
  const withoutZone = ip.replace(/%.*$/s, '');
  return isIPv6(withoutZone) ? ipaddr.IPv6.parse(withoutZone) : undefined;
}
