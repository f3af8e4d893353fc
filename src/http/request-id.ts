import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request and its response, inside Koa or not. `proxy`: whether a proxy in front of the server is trusted. */
export interface Exchange {
  req: IncomingMessage;
  res: ServerResponse;
  app: { proxy: boolean };
}

/** Keyed by the response, which stays the same if a request is replaced. */
const ids = new WeakMap<ServerResponse, string>();

/** What is safe in a header and a log line. */
const safeId = /^[A-Za-z0-9._-]{1,128}$/;

/**
 * The ID of a request: the `X-Request-Id` of a trusted proxy, else a new one. It is created on first use, because most
 * requests never need it.
 */
export function requestIdOf({ req, res, app }: Exchange): string {
  let id = ids.get(res);
  if (id === undefined) {
    const given = app.proxy ? String(req.headers['x-request-id'] ?? '') : '';
    id = safeId.test(given) ? given : randomUUID();
    ids.set(res, id);
  }
  return id;
}
