/** Which proxies are believed about the certificates of clients (RFC 8705), and in which header. */
import { BlockList, isIP } from 'node:net';

/** A network, as in CIDR: its first address and the length of its prefix. */
export interface Network {
  address: string;
  prefix: number;
  family: 'ipv4' | 'ipv6';
}

/** Headers that mean something else; each of them comes from clients. */
const otherHeaders = new Set([
  ...['authorization', 'cookie', 'dpop', 'host', 'origin', 'content-type', 'content-length'],
  ...['forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-request-id', 'user-agent'],
]);

/** Whether a text is the name of a header that can have certificates. */
export const isCertificateHeader = (name: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/.test(name) && !otherHeaders.has(name.toLowerCase());

/** Reads a list of addresses and networks such as `10.0.0.0/8,fd00::/8,127.0.0.1`, or says what is wrong. */
export function readNetworks(text: string): { networks: Network[] } | { problem: string } {
  const networks: Network[] = [];
  for (const given of text.split(',').map((each) => each.trim())) {
    const [, address = '', length] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(given) ?? [];
    const version = isIP(address);
    const bits = version === 6 ? 128 : 32;
    const prefix = length === undefined ? bits : Number(length);
    if (version === 0 || prefix > bits || prefix === 0)
      return {
        problem: `must be IP addresses and networks such as 10.0.0.0/8, separated by commas; one is ${JSON.stringify(given.slice(0, 100))}`,
      };
    networks.push({ address, prefix, family: version === 6 ? 'ipv6' : 'ipv4' });
  }
  return { networks };
}

/** Whether an address of a socket is in one of these networks. */
export function createIsInNetworks(
  networks: readonly Network[],
): (address: string | undefined) => boolean {
  const list = new BlockList();
  for (const { address, prefix, family } of networks) list.addSubnet(address, prefix, family);
  return (address = '') => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
  };
}
