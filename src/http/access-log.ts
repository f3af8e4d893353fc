import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from 'koa';
import type { Log } from './log.ts';
import { targetOf } from './log-text.ts';
import { requestIdOf } from './request-id.ts';
import { traceParentOf } from './traceparent.ts';

/** Koa's contexts of the requests in progress. */
const contexts = new WeakMap<ServerResponse, Context>();

/** The clients of requests that did not reach Koa. */
const clients = new WeakMap<ServerResponse, string>();

/** Names the client of a request that does not reach Koa, for the log. */
export const rememberClientOf = (response: ServerResponse, clientId: string): void =>
  void clients.set(response, clientId);

/** The traces of requests that OpenTelemetry samples. */
const traceIds = new WeakMap<ServerResponse, string>();

/** Lets the access log name the trace of a request. */
export const rememberTraceOf = (response: ServerResponse, traceId: string): void =>
  void traceIds.set(response, traceId);

/** Lets the access log name the client of a request once it is known. */
export const rememberContext = (ctx: Context): void => void contexts.set(ctx.res, ctx);

/**
 * Returns a function that logs one line at debug when a request's response was sent or its connection broke; undefined
 * if the log has no level debug. It must run before everything else, because not every request reaches Koa.
 */
export function recordAccess(
  log: Log,
  trustProxy: number,
): ((req: IncomingMessage, res: ServerResponse) => void) | undefined {
  if (!log.isLevelEnabled('debug')) return undefined;
  const app = { proxy: trustProxy > 0 };
  return (req, res) => {
    const began = performance.now();
    // Read now, because a closed connection has no address.
    const ip = addressOf(req, trustProxy);
    res.once('close', () => {
      const ctx = contexts.get(res);
      const traceId = traceIds.get(res) ?? traceParentOf(req)?.traceId;
      const clientId = ctx ? clientIdOf(ctx) : clients.get(res);
      log.debug(
        {
          request_id: requestIdOf({ req, res, app }),
          method: req.method,
          path: targetOf({ req }),
          status: res.statusCode,
          ms: Math.round((performance.now() - began) * 10) / 10,
          ip,
          ...(traceId !== undefined && { trace_id: traceId }),
          ...(clientId !== undefined && { client_id: clientId }),
          ...(!res.writableFinished && { cut: true }),
        },
        'request finished',
      );
    });
  };
}

/** The address that a request came from, by the same rules as Koa's `ctx.ip`. */
export function addressOf(
  { headers, socket }: IncomingMessage,
  trustProxy: number,
): string | undefined {
  const forwarded = trustProxy > 0 ? String(headers['x-forwarded-for'] ?? '').split(',') : [];
  return forwarded.slice(-trustProxy)[0]?.trim() || socket.remoteAddress;
}

/** Names the client of a request that the engine does not handle, for the log. */
export const rememberClient = (ctx: Context, clientId: string | undefined): void => {
  ctx.state['clientId'] = clientId;
};

/** Names the account that a request acts for, for the log. */
export const rememberAccount = (ctx: Context, accountId: string | undefined): void => {
  ctx.state['accountId'] = accountId;
};

/** The account that a request acts for, if it is known. */
export const accountIdOf = (ctx: Context): string | undefined => ctx.state?.['accountId'];

/** The client of a request, if it was found. */
export const clientIdOf = (ctx: Context): string | undefined =>
  ctx.state?.['clientId'] ??
  (ctx as Context & { oidc?: { client?: { clientId: string } } }).oidc?.client?.clientId;
