import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from 'koa';
import type { Log } from './log.ts';
import { targetOf } from './log-text.ts';
import { requestIdOf } from './request-id.ts';

/** What Koa knows of requests that are not finished; gone with their responses. */
const contexts = new WeakMap<ServerResponse, Context>();

/** Lets the line of a request name the client that it turns out to be of. */
export const rememberContext = (ctx: Context): void => void contexts.set(ctx.res, ctx);

/**
 * Logs one line for each request when its answer is sent, or cannot be sent any more. Nothing where
 * the log has no level debug. It stands before everything else, since not every request comes to Koa.
 */
export function recordAccess(
  log: Log,
  trustProxy: number,
): ((req: IncomingMessage, res: ServerResponse) => void) | undefined {
  if (!log.isLevelEnabled('debug')) return undefined;
  const app = { proxy: trustProxy > 0 };
  return (req, res) => {
    const began = performance.now();
    // Read now: a connection that is gone has no address.
    const ip = addressOf(req, trustProxy);
    res.once('close', () => {
      const ctx = contexts.get(res);
      const clientId = ctx && clientIdOf(ctx);
      log.debug(
        {
          request_id: requestIdOf({ req, res, app }),
          method: req.method,
          path: targetOf({ req }),
          status: res.statusCode,
          ms: Math.round((performance.now() - began) * 10) / 10,
          ip,
          ...(clientId !== undefined && { client_id: clientId }),
          ...(!res.writableFinished && { cut: true }),
        },
        'request finished',
      );
    });
  };
}

/** Where a request came from, as Koa's `ctx.ip` has it. */
export function addressOf(
  { headers, socket }: IncomingMessage,
  trustProxy: number,
): string | undefined {
  const forwarded = trustProxy > 0 ? String(headers['x-forwarded-for'] ?? '').split(',') : [];
  return forwarded.slice(-trustProxy)[0]?.trim() || socket.remoteAddress;
}

/** Lets the log name the client of a request that the engine does not see. */
export const rememberClient = (ctx: Context, clientId: string | undefined): void => {
  ctx.state['clientId'] = clientId;
};

/** Lets the log name the account that a request acts for. */
export const rememberAccount = (ctx: Context, accountId: string | undefined): void => {
  ctx.state['accountId'] = accountId;
};

/** The account that a request acts for, where it is known. */
export const accountIdOf = (ctx: Context): string | undefined => ctx.state?.['accountId'];

/** The client that a request names, where it was found. */
export const clientIdOf = (ctx: Context): string | undefined =>
  ctx.state?.['clientId'] ??
  (ctx as Context & { oidc?: { client?: { clientId: string } } }).oidc?.client?.clientId;
