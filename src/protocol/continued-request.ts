/**
 * AUTHORIZATION REQUESTS OF PEOPLE WHO HAVE TO SIGN IN FIRST. They are not stored, because anyone can send them. The
 * sealed request travels in the URL that the sign-in returns to, and the engine validates it again there.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { AdapterPayload } from 'oidc-provider';
import { lifetimes } from '../../config/lifetimes.ts';
import { type Keyring, SealError } from '../crypto/sealing.ts';
import { type ClientLookup, clientNameOf, storedClientId } from '../domain/clients/lookup.ts';

/** An authorization request that arrived before its person signed in. */
export interface ContinuedRequest {
  /** When it arrived, in fractional seconds since 1970. A later sign-in satisfies `prompt=login`. */
  askedAt: number;
  /** Its parameters, as a query string. */
  query: string;
  /** The pushed request (RFC 9126) that it referenced, which was valid when it arrived. */
  pushed?: AdapterPayload | undefined;
  /** Whether the browser returns with it only to send its cookies, which it withholds from a POST of another site. */
  wasPosted?: boolean | undefined;
}

/** Characters of a sealed request in a URL; Node limits all headers together to 16 KiB. */
const maxLength = 8000;

/** Bytes after decompression: more than the parameters of any request that the gate lets through. */
const maxOpenedLength = 128 * 1024;

const place = { table: 'authorization request', row: '', purpose: 'continuation' };

/** Seals and opens requests that continue after a sign-in. */
export type Continuations = ReturnType<typeof createContinuations>;

/** Creates the functions that seal and open requests, with the keys of SECRET_KEYS. */
export function createContinuations({ keyring }: { keyring: Keyring }) {
  const seal = (request: ContinuedRequest): string =>
    keyring.seal(place, deflateRawSync(JSON.stringify(request))).toString('base64url');

  return {
    /**
     * Seals a request for use in a URL. If a pushed request makes it too long, the result only references it by
     * `request_uri`, which is valid for a minute. Undefined if it is still too long.
     */
    seal({ pushed, ...request }: ContinuedRequest): string | undefined {
      const whole = seal({ ...request, pushed });
      if (whole.length <= maxLength) return whole;
      const named = seal(request);
      return pushed && named.length <= maxLength ? named : undefined;
    },

    /** Undefined if the text was not sealed here, or is older than a stored request can be. */
    open(sealed: string): ContinuedRequest | undefined {
      try {
        const packed = keyring.open(place, Buffer.from(sealed, 'base64url'));
        const text = inflateRawSync(packed, { maxOutputLength: maxOpenedLength }).toString();
        const request = JSON.parse(text) as ContinuedRequest;
        return request.askedAt > Date.now() / 1000 - lifetimes.interaction ? request : undefined;
      } catch (error) {
        if (error instanceof SealError) return undefined;
        throw error;
      }
    },
  };
}

/** The name of the client of a sealed request; undefined if the request has expired or its client is gone. */
export function createRequestingClient({
  keyring,
  clients,
}: {
  keyring: Keyring;
  clients: ClientLookup;
}) {
  const { open } = createContinuations({ keyring });
  return async (sealed: string): Promise<string | undefined> => {
    const clientId = new URLSearchParams(open(sealed)?.query).get('client_id');
    const client = clientId ? await clients(storedClientId(clientId)) : undefined;
    return client && clientNameOf(client);
  };
}
