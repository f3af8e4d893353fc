import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request and its answer, in Koa's hands or before; `proxy` where one before us is believed. */
export interface Exchange {
  req: IncomingMessage;
  res: ServerResponse;
  app: { proxy: boolean };
}

/** By the answer, which stays the same where a request is read again, and for as long as it is there. */
const ids = new WeakMap<ServerResponse, string>();

/** What may stand in a header and in a line of the log as it is. */
const sane = /^[A-Za-z0-9._-]{1,128}$/;

/**
 * The id of a request: what a trusted proxy says in `X-Request-Id`, else a new one. It is made when it
 * is first asked for, since most requests are never told of.
 */
export function requestIdOf({ req, res, app }: Exchange): string {
  let id = ids.get(res);
  if (id === undefined) {
    const given = app.proxy ? String(req.headers['x-request-id'] ?? '') : '';
    id = sane.test(given) ? given : randomUUID();
    ids.set(res, id);
  }
  return id;
}
