import { AsyncLocalStorage } from 'node:async_hooks';

/** What is known of the request that is being handled by whoever does not know HTTP: the log, the audit. */
export interface RequestContext {
  /** Stands in the log, in `X-Request-Id`, and in the sentence of a `server_error`. */
  readonly requestId: string;
  /** Where it came from, as far as the proxies before us are believed. */
  readonly ip: string | undefined;
}

/** Empty by itself: it finds the context of the request that runs. */
const storage = new AsyncLocalStorage<RequestContext>();

/** Runs what handles a request; until it is done, `currentRequest` tells of it. */
export const inRequestContext = <Result>(context: RequestContext, run: () => Result): Result =>
  storage.run(context, run);

/** Nothing outside of requests, and nothing in the thin layer, which is too busy to open a context. */
export const currentRequest = (): RequestContext | undefined => storage.getStore();
