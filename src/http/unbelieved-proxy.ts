import type { IncomingMessage } from 'node:http';
import type { Log } from './log.ts';

/** What a proxy adds to a request: as it is customary, and by RFC 7239. */
const headers = ['x-forwarded-for', 'forwarded'] as const;

export interface UnbelievedProxy {
  /** Looks at a request. */
  note(request: Pick<IncomingMessage, 'headers'>): void;
  /** Whether such a request has come since the start. */
  seen(): boolean;
}

/**
 * Says once, in the log, that a request names a proxy although none is trusted. Behind a proxy all callers then share
 * the address of it, and with it the limits of one network. A stranger can send the header as well, without any proxy.
 */
export function watchForProxy(log: Log, trustProxy: number): UnbelievedProxy {
  let found = false;
  return {
    note(request) {
      if (found || trustProxy > 0) return;
      const header = headers.find((name) => request.headers[name] !== undefined);
      if (!header) return;
      found = true;
      log.warn(
        { header },
        'a request names a proxy, and TRUST_PROXY trusts none: if a proxy of yours stands before Writ, all callers share the limits of one network until TRUST_PROXY says how many proxies there are; if none does, the caller wrote the header, and TRUST_PROXY stays as it is',
      );
    },
    seen: () => found,
  };
}
