import { AsyncLocalStorage } from 'node:async_hooks';

/** The current request, for code that does not know HTTP: the log and the audit. */
export interface RequestContext {
  /** Stands in the log, in `X-Request-Id`, and in the sentence of a `server_error`. */
  readonly requestId: string;
  /** The client's address, as far as the proxies in front of us are trusted. */
  readonly ip: string | undefined;
  /** The dialect that the request came by; undefined at Writ's own endpoints. */
  readonly dialect?: string | undefined;
}

/** Empty by itself: it finds the context of the request that runs. */
const storage = new AsyncLocalStorage<RequestContext>();

/** Runs the handling of a request; until it is done, `currentRequest` returns its context. */
export const inRequestContext = <Result>(context: RequestContext, run: () => Result): Result =>
  storage.run(context, run);

/** Undefined outside of requests, and on the fast path, which opens no context to save its cost. */
export const currentRequest = (): RequestContext | undefined => storage.getStore();
