import Router from '@koa/router';
import type { Context } from 'koa';
import { actingAs } from '../../domain/audit/actor.ts';
import { type Refusals, recordingRefusals } from '../../domain/audit/refusals.ts';
import { LimitReached } from '../../domain/limits/rate-limits.ts';
import type { Principal } from '../../domain/tokens/principal.ts';
import { rememberAccount, rememberClient } from '../../http/access-log.ts';
import { bufferBody } from '../../http/form.ts';
import { isStorable } from '../../http/text.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Authenticate, requireScope } from './authenticate.ts';
import type { AuthenticateClient } from './client-credentials.ts';
import { etagOf, isKnown, readPrecondition } from './etag.ts';
import { respondWithEvents, wantsEvents } from './event-stream.ts';
import { readIdempotency } from './idempotency.ts';
import { readBody, readPath, readQuery } from './input.ts';
import type { Operation, Sent } from './operation.ts';

export const apiPrefix = '/api/v1';

interface Dependencies {
  issuer: string;
  authenticate: Authenticate;
  authenticateClient: AuthenticateClient;
  audit: Pick<Refusals, 'refused'>;
}

/** Mounts the operations. Except for open ones, they authenticate before anything else, so strangers learn nothing about the input. */
export function createRouter(
  operations: Operation[],
  { issuer, authenticate, authenticateClient, audit }: Dependencies,
): Router {
  const router = new Router({ prefix: apiPrefix, sensitive: true });
  for (const operation of operations)
    router[operation.method](operation.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (ctx) => {
      const run = async (
        principal: Principal | undefined,
        clientId = principal?.clientId ?? '',
      ) => {
        const sent = await readSent(ctx, operation, ctx.params);
        if (operation.stream && wantsEvents(ctx)) {
          const lastEventId = ctx.get('Last-Event-ID');
          const stream = operation.stream({ ...sent, principal, clientId, lastEventId });
          return respondWithEvents(ctx, await stream.catch(translateLimit(ctx)));
        }
        const handled = operation
          .handle({ ...sent, principal, clientId })
          .catch(translateLimit(ctx));
        respond(ctx, operation, await handled);
      };
      const { access } = operation;
      if (access === 'anyone') return run(undefined);
      if (operation.clientCredentials && /^basic\b/i.test(ctx.get('authorization')))
        return authenticateClient(ctx).then((clientId) =>
          actingAs({ kind: 'client', id: clientId }, () => run(undefined, clientId)),
        );
      const unread = operation.body && (await bufferBody(ctx));
      const principal = await authenticate(ctx, { scope: operation.scope, access });
      if (unread) throw unread;
      rememberClient(ctx, principal.clientId);
      rememberAccount(ctx, principal.token.accountId ?? undefined);
      await actingAs(principal.actor, () =>
        recordingRefusals(audit, eventOf(operation, ctx.params), async () => {
          if (access !== 'self') requireScope(ctx, principal, operation, issuer);
          await run(principal);
        }),
      );
    });
  return router;
}

/** Translates a reached limit to 429 with `Retry-After` (RFC 6585 §4). */
const translateLimit = (ctx: Context) => (error: unknown) => {
  if (!(error instanceof LimitReached)) throw error;
  const seconds = error.retryAfter;
  ctx.set('Retry-After', String(seconds));
  throw new OAuthError('too_many_requests', `Too many requests. Try again in ${seconds} seconds.`);
};

/** The audit event of an operation that is refused; undefined if the operation is not audited. */
function eventOf({ audit: entry }: Operation, parameters: Record<string, string>) {
  if (!entry) return undefined;
  return () => {
    const id = entry.id ? entry.id(parameters) : Object.values(parameters)[0];
    return {
      action: entry.action,
      ...(isName(id) && { target: { kind: entry.kind, id } }),
    };
  };
}

/** Whether a path parameter can be stored as the id of an audit target: not too long, and not a token sent by mistake. */
const isName = (id: string | undefined): id is string =>
  id !== undefined && id.length <= 500 && isStorable(id) && !/(^|:)(writ_[a-z]+_|eyJ)/.test(id);

async function readSent(
  ctx: Context,
  operation: Operation,
  path: Record<string, string>,
): Promise<Sent> {
  const { method, parameters, query, body: schema, conditions = [], idempotency } = operation;
  /** Operations that change something refuse conditions that they do not support. */
  const header = (name: 'If-Match' | 'If-None-Match'): string => {
    if (conditions.includes(name)) return ctx.get(name);
    if (method !== 'get' && ctx.get(name))
      throw new OAuthError('invalid_request', `This operation does not support ${name}.`, {
        parameter: name,
      });
    return '';
  };
  const body = schema && (await readBody(ctx, schema));
  return {
    path: parameters && readPath(path, parameters),
    query: query && readQuery(ctx, query),
    body,
    idempotency: idempotency && readIdempotency(ctx, body),
    ip: ctx.ip,
    precondition: readPrecondition({
      ifMatch: header('If-Match'),
      ifNoneMatch: header('If-None-Match'),
      creates: method === 'put',
    }),
  };
}

function respond(ctx: Context, { success, tagged, location }: Operation, body: unknown): void {
  ctx.status = success;
  if (success === 204) return;
  if (body === undefined) {
    ctx.body = ''; // Koa would send the text of the status.
    ctx.remove('Content-Type');
    return;
  }
  if (location) ctx.set('Location', apiPrefix + location(body as never));
  if (tagged) {
    const { warnings: _ofThisRequest, ...representation } = body as Record<string, unknown>;
    const tag = etagOf(representation);
    ctx.set('ETag', tag);
    if (['GET', 'HEAD'].includes(ctx.method) && isKnown(ctx.get('If-None-Match'), tag)) {
      ctx.status = 304;
      return;
    }
  }
  ctx.body = body;
}
