import { AsyncLocalStorage } from 'node:async_hooks';
import type { AdapterPayload } from 'oidc-provider';

/** A client that is not stored yet, while its sector is verified. */
interface Candidate {
  id: string;
  payload: AdapterPayload;
}

/** Holds the candidate of a running verification. */
export const candidates = new AsyncLocalStorage<Candidate>();

/** The client whose sector is being verified, if this is its id. */
export const candidateOf = (id: string): AdapterPayload | undefined => {
  const candidate = candidates.getStore();
  return candidate?.id === id ? candidate.payload : undefined;
};
