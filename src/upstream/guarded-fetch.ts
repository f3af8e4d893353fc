/**
 * Requests to servers that an administrator named. The addresses of a host are checked while the connection is made, so a name
 * that resolves differently a moment later is of no use; nothing is redirected, and the response has a bound of time and size.
 */
import { lookup as resolve } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A request that could not be made or answered. */
export class FetchError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FetchError';
  }
}

/** What the callers of this module send. */
export interface OutgoingRequest {
  method?: string | undefined;
  headers?: ConstructorParameters<typeof Headers>[0];
  body?: unknown;
  signal?: AbortSignal | null | undefined;
}

export type GuardedFetch = (url: string, request?: OutgoingRequest) => Promise<Response>;

interface Options {
  /** Whether addresses of the machine and of private networks are allowed. */
  allowPrivate: boolean;
  /** Milliseconds for the whole exchange. */
  timeout: number;
  maxBytes: number;
}

/** Whether an address is one of the public internet: not of this machine, a private network, or set apart otherwise. */
export function isPublicAddress(address: string): boolean {
  const parsed = ipaddr.process(address.replace(/%.*$/s, ''));
  return parsed.range() === 'unicast';
}

const blocked = (host: string): FetchError =>
  new FetchError(
    `${host} has an address of a private network, which private_network does not allow`,
  );

/** A lookup that fails unless every address of the host is public. */
const publicLookup: LookupFunction = (host, options, callback) =>
  resolve(host, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '');
    const [first] = addresses;
    if (!first || !addresses.every(({ address }) => isPublicAddress(address)))
      return callback(blocked(host), '');
    if (options.all) return callback(null, addresses);
    callback(null, first.address, first.family);
  });

/** A `fetch` with these bounds. It throws FetchError. */
export const createGuardedFetch =
  ({ allowPrivate, timeout, maxBytes }: Options): GuardedFetch =>
  (address, { method = 'GET', headers, body, signal } = {}) =>
    new Promise((fulfil, reject) => {
      const url = new URL(address);
      const fail = (cause: unknown) =>
        reject(
          cause instanceof FetchError
            ? cause
            : new FetchError(`${url.host} does not answer: ${describe(cause)}`, { cause }),
        );
      const host = url.hostname.replace(/^\[|\]$/g, '');
      if (url.protocol !== 'https:' && url.protocol !== 'http:')
        return fail(new FetchError(`${url.protocol} is not spoken here`));
      // A host that is an address is not looked up.
      if (!allowPrivate && isIP(host) && !isPublicAddress(host)) return fail(blocked(host));
      const deadline = AbortSignal.timeout(timeout);
      const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(
        url,
        {
          method,
          headers: Object.fromEntries(new Headers(headers).entries()),
          signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
          // A connection that another request opened was checked by other rules.
          agent: false,
          ...(!allowPrivate && { lookup: publicLookup }),
        },
        (response) => {
          const parts: Buffer[] = [];
          let bytes = 0;
          response.on('data', (part: Buffer) => {
            bytes += part.length;
            if (bytes > maxBytes)
              response.destroy(new FetchError(`${url.host} sends more than ${maxBytes} bytes`));
            else parts.push(part);
          });
          response.on('error', fail);
          response.on('end', () => {
            const { statusCode: status = 502, rawHeaders } = response;
            try {
              fulfil(
                new Response(isWithoutBody(status) ? null : Buffer.concat(parts), {
                  status,
                  headers: pairs(rawHeaders),
                }),
              );
            } catch (error) {
              fail(error);
            }
          });
        },
      );
      request.on('error', fail);
      request.end(bodyOf(body));
    });

const isWithoutBody = (status: number): boolean => [204, 205, 304].includes(status);

const bodyOf = (body: unknown): string | Uint8Array | undefined => {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  if (body instanceof URLSearchParams) return body.toString();
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  throw new TypeError('a body that is not sent here');
};

/** Header fields come as a list in which names and values alternate. */
const pairs = (raw: readonly string[]): [string, string][] =>
  raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? '']] : []));

const describe = (error: unknown): string =>
  error instanceof Error ? (error as NodeJS.ErrnoException).code || error.message : String(error);
