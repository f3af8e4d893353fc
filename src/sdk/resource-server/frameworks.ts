/**
 * ADAPTERS for Express, Koa, Fastify, Hono and handlers of fetch requests. Each has a middleware that serves the metadata of the API, and
 * one that admits requests with what they need. They import no framework.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  countResponse,
  isForMetadata,
  metadataHeaders,
  sendMetadata,
  sendRefusal,
} from './node.ts';
import type { Admission, Caller, Guard, GuardedRequest, Needs, Refusal } from './types.ts';

/** What a request needs, or a function that says so. `app`: see `Guard.admit`. */
export type NeedsOf<Request> =
  | (Needs & { app?: string })
  | ((request: Request) => Needs & { app?: string | undefined });

const needsIn = <Request>(needs: NeedsOf<Request>, request: Request) =>
  typeof needs === 'function' ? needs(request) : needs;

type NodeRequest = IncomingMessage & { caller?: Caller; originalUrl?: string };
type Next = (error?: unknown) => void;

/** For Express and other frameworks with its middleware: the caller is in `request.caller`. */
export function forExpress(guard: Guard) {
  return {
    metadata: (request: NodeRequest, response: ServerResponse, next: Next): void => {
      const { method, originalUrl: url = request.url } = request;
      if (isForMetadata(guard, { method, url })) sendMetadata(guard, request, response);
      else next();
    },
    requires:
      (needs: NeedsOf<NodeRequest> = {}) =>
      (request: NodeRequest, response: ServerResponse, next: Next): void => {
        const about = needsIn(needs, request);
        const admitted = ({ caller, refusal }: Admission) => {
          if (refusal) return sendRefusal(refusal, response);
          countResponse(guard, request, response, caller);
          request.caller = caller;
          next();
        };
        const admission = guard.admitAtOnce(request, about);
        if (admission) admitted(admission);
        else guard.admit(request, about).then(admitted, next);
      },
  };
}

/** What the adapter uses of a context of Koa. */
export interface KoaContext {
  req: IncomingMessage;
  res: ServerResponse;
  method: string;
  originalUrl: string;
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: Koa types the state as any
  state: any;
  body: unknown;
  set(headers: Record<string, string>): unknown;
}

/** For Koa: the caller is in `ctx.state.caller`. */
export function forKoa(guard: Guard) {
  return {
    metadata: async (ctx: KoaContext, next: () => Promise<unknown>): Promise<void> => {
      if (!isForMetadata(guard, { method: ctx.method, url: ctx.originalUrl }))
        return void (await next());
      ctx.set(metadataHeaders);
      ctx.status = 200;
      ctx.body = guard.metadata?.document;
    },
    requires:
      (needs: NeedsOf<KoaContext> = {}) =>
      async (ctx: KoaContext, next: () => Promise<unknown>): Promise<void> => {
        const { headers, method, socket } = ctx.req;
        const request = { headers, method: method ?? '', socket, url: ctx.originalUrl };
        const { caller, refusal } = await guard.admit(request, needsIn(needs, ctx));
        if (refusal) {
          ctx.set(refusal.headers);
          ctx.status = refusal.status;
          ctx.body = refusal.body;
          return;
        }
        countResponse(guard, ctx.req, ctx.res, caller);
        ctx.state.caller = caller;
        await next();
      },
  };
}

/** What the adapter uses of a request and a reply of Fastify. */
export interface FastifyRequest {
  raw: IncomingMessage;
  caller?: Caller;
}
export interface FastifyReply {
  raw: ServerResponse;
  code(status: number): FastifyReply;
  headers(headers: Record<string, string>): FastifyReply;
  send(body: unknown): unknown;
}

/** For Fastify: `requires` is a `preHandler`, `metadata` an `onRequest` hook; the caller is in `request.caller`. */
export function forFastify(guard: Guard) {
  return {
    metadata: async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      if (!isForMetadata(guard, request.raw)) return undefined;
      return reply.code(200).headers(metadataHeaders).send(guard.metadata?.document);
    },
    requires:
      (needs: NeedsOf<FastifyRequest> = {}) =>
      async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
        const { caller, refusal } = await guard.admit(request.raw, needsIn(needs, request));
        if (refusal) return reply.code(refusal.status).headers(refusal.headers).send(refusal.body);
        countResponse(guard, request.raw, reply.raw, caller);
        request.caller = caller;
        return undefined;
      },
  };
}

/** The parts of a fetch request that a guard reads. */
function readFetch({ url, method, headers }: Request): GuardedRequest & { url: string } {
  const { pathname, search } = new URL(url);
  return { method, url: pathname + search, headers: Object.fromEntries(headers) };
}

const toResponse = ({ status, headers, body }: Refusal): Response =>
  Response.json(body, { status, headers });

const metadataResponse = (guard: Guard, { method }: Pick<Request, 'method'>): Response =>
  new Response(method === 'HEAD' ? null : JSON.stringify(guard.metadata?.document), {
    headers: metadataHeaders,
  });

/** What the adapter uses of a context of Hono. */
export interface HonoContext {
  req: { raw: Request };
  set(name: 'caller', caller: Caller): void;
}

/** For Hono: the caller is `c.get('caller')`. Bytes of responses are not counted. */
export function forHono(guard: Guard) {
  return {
    metadata: async (c: HonoContext, next: () => Promise<void>): Promise<Response | undefined> => {
      if (isForMetadata(guard, readFetch(c.req.raw))) return metadataResponse(guard, c.req.raw);
      await next();
      return undefined;
    },
    requires:
      (needs: NeedsOf<Request> = {}) =>
      async (c: HonoContext, next: () => Promise<void>): Promise<Response | undefined> => {
        const about = needsIn(needs, c.req.raw);
        const { caller, refusal } = await guard.admit(readFetch(c.req.raw), about);
        if (refusal) return toResponse(refusal);
        c.set('caller', caller);
        await next();
        return undefined;
      },
  };
}

/** For handlers that turn a fetch request into a response. Serves the metadata too. Bytes of responses are not counted. */
export const forFetch =
  (guard: Guard) =>
  (
    handle: (request: Request, caller: Caller) => Response | Promise<Response>,
    needs: NeedsOf<Request> = {},
  ) =>
  async (request: Request): Promise<Response> => {
    const read = readFetch(request);
    if (isForMetadata(guard, read)) return metadataResponse(guard, request);
    const { caller, refusal } = await guard.admit(read, needsIn(needs, request));
    return refusal ? toResponse(refusal) : handle(request, caller);
  };
