import { signalDelivery } from '../../config/signals.ts';
import type { PushSignal } from '../domain/signals/types.ts';
import { createGuardedFetch, FetchError } from './guarded-fetch.ts';

/** Pushes SETs (RFC 8935), to no address of a private network unless that is allowed. Redirects are not followed. */
export function createPushSignal({ allowPrivate }: { allowPrivate: boolean }): PushSignal {
  const { timeout, maxBytes } = signalDelivery;
  const fetch = createGuardedFetch({ allowPrivate, timeout, maxBytes });
  return async (set, { endpointUrl, authorization, signal }) => {
    try {
      const response = await fetch(endpointUrl, {
        method: 'POST',
        headers: {
          'content-type': 'application/secevent+jwt',
          accept: 'application/json',
          ...(authorization !== null && { authorization }),
        },
        body: set,
        signal,
      });
      if (response.status === 202 || response.status === 200) return { outcome: 'delivered' };
      const err = response.status === 400 ? await errorIn(response) : undefined;
      // Wrong credentials can be corrected, so the event waits.
      if (err !== undefined && !['authentication_failed', 'access_denied'].includes(err))
        return { outcome: 'refused', err };
      return { outcome: 'failed', error: `it answered ${response.status}` };
    } catch (error) {
      if (!(error instanceof FetchError)) throw error;
      return { outcome: 'failed', error: error.message };
    }
  };
}

/** The error code in the answer of a receiver (RFC 8935 §2.3). */
async function errorIn(response: Response): Promise<string | undefined> {
  const body: unknown = await response.json().catch(() => undefined);
  const err = (body as { err?: unknown } | null | undefined)?.err;
  return typeof err === 'string' ? err.slice(0, 200) : undefined;
}
