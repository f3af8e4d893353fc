import type { IncomingMessage } from 'node:http';
import type { Log } from './log.ts';

/** The headers that proxies add: the customary one, and that of RFC 7239. */
const headers = ['x-forwarded-for', 'forwarded'] as const;

/** Detects a proxy that `TRUST_PROXY` does not account for. */
export interface UntrustedProxy {
  /** Checks the headers of a request. */
  note(request: Pick<IncomingMessage, 'headers'>): void;
  /** Whether a request named a proxy since the start. */
  seen(): boolean;
}

/**
 * Logs one warning when a request names a proxy although none is trusted. Behind such a proxy all callers have its
 * address and share the limits of one network. A caller can also send the header itself, without any proxy.
 */
export function watchForProxy(log: Log, trustProxy: number): UntrustedProxy {
  let found = false;
  return {
    note(request) {
      if (found || trustProxy > 0) return;
      const header = headers.find((name) => request.headers[name] !== undefined);
      if (!header) return;
      found = true;
      log.warn(
        { header },
        'a request names a proxy, but TRUST_PROXY trusts none. If a proxy is in front of Writ, set TRUST_PROXY to the number of proxies; until then all callers share the limits of one network. If there is none, the caller sent the header, and TRUST_PROXY is right as it is',
      );
    },
    seen: () => found,
  };
}
