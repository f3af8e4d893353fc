import { AsyncLocalStorage } from 'node:async_hooks';

/** The current request, for code that does not know HTTP, such as the log and the audit. */
export interface RequestContext {
  /** The request ID in the log, in `X-Request-Id` and in the description of a `server_error`. */
  readonly requestId: string;
  /** The client's IP address, as reported by trusted proxies. */
  readonly ip: string | undefined;
  /** The dialect of the endpoint; undefined for Writ's own endpoints. */
  readonly dialect?: string | undefined;
  /** The language of the page that it shows, once that is chosen: emails that it asks for have it too. */
  language?: string;
  /** Set once the request has ended a session of which clients must be notified. */
  hasLogoutNotices?: boolean;
  /** Set once the request has queued an email. */
  hasMails?: boolean;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Handles a request; meanwhile `currentRequest` returns its context. */
export const inRequestContext = <Result>(context: RequestContext, run: () => Result): Result =>
  storage.run(context, run);

/**
 * The current request. Undefined outside requests and on the fast path, which skips the context to save its cost.
 */
export const currentRequest = (): RequestContext | undefined => storage.getStore();

/** Keeps the language of the page that the current request, if any, shows. */
export function noteLanguage(language: string): void {
  const request = storage.getStore();
  if (request) request.language = language;
}

/** Marks the current request, if any, so that clients are notified as soon as it is answered. */
export function noteLogout(): void {
  const request = storage.getStore();
  if (request) request.hasLogoutNotices = true;
}

/** Marks the current request, if any, so that emails are sent as soon as it is answered. */
export function noteMail(): void {
  const request = storage.getStore();
  if (request) request.hasMails = true;
}
