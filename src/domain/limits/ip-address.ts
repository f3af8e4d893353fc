import { isIPv6 } from 'node:net';

/** An IPv4 address as it is, also one that comes in the clothes of IPv6 (RFC 4291 §2.5.5.2). */
export const plainAddress = (ip: string): string => ip.replace(/^::ffff:(?=\d+\.)/i, '');

/**
 * What attempts from an address are counted under: of IPv6 the /64, which one subscriber has for
 * themself and can take any address of (RFC 4291 §2.5.1).
 */
export function networkOf(ip: string | undefined): string {
  const address = plainAddress(ip ?? '').replace(/%.*$/, '');
  if (!isIPv6(address)) return address;
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const before = head ? head.split(':') : [];
  const after = tail ? tail.split(':') : [];
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}
