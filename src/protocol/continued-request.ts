/**
 * AUTHORIZATION REQUESTS OF PEOPLE WHO HAVE TO SIGN IN FIRST. Nothing is stored of them, since anyone can send
 * them: the request travels, sealed, in the address that the sign-in leads back to, where the engine checks it anew.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { AdapterPayload } from 'oidc-provider';
import { lifetimes } from '../../config/lifetimes.ts';
import { type Keyring, SealError } from '../crypto/sealing.ts';

/** An authorization request that arrived before its person had signed in. */
export interface ContinuedRequest {
  /** When it arrived, in seconds since 1970 with their fraction: a sign-in after that was one for it. */
  askedAt: number;
  /** Its parameters, as a query. */
  query: string;
  /** The pushed request (RFC 9126) that it named and that was valid then. */
  pushed?: AdapterPayload | undefined;
}

/** More does not fit into the address of a page; Node takes 16 KiB of headers in all. */
const maxLength = 8000;

/** More than the parameters of any request. */
const maxOpenedLength = 128 * 1024;

const place = { table: 'authorization request', row: '', purpose: 'continuation' };

export type Continuations = ReturnType<typeof createContinuations>;

export function createContinuations({ keyring }: { keyring: Keyring }) {
  const seal = (request: ContinuedRequest): string =>
    keyring.seal(place, deflateRawSync(JSON.stringify(request))).toString('base64url');

  return {
    /**
     * Seals a request for an address. A pushed one that is too long is named by its `request_uri` alone, which
     * lives a minute. Undefined: it is too long for any address.
     */
    seal({ pushed, ...request }: ContinuedRequest): string | undefined {
      const whole = seal({ ...request, pushed });
      if (whole.length <= maxLength) return whole;
      const named = seal(request);
      return pushed && named.length <= maxLength ? named : undefined;
    },

    /** Undefined where it was not sealed here, or so long ago that a stored request would have expired as well. */
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
