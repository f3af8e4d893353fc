/**
 * CORS (Fetch §3.2) for the protocol endpoints that browser apps call and for the OpenAPI document, which needs no
 * preflight. None of them depends on a cookie, so any origin is allowed, without credentials.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import cors from '@koa/cors';
import type { Middleware } from 'koa';
import { allowedMethods, openApiPath } from '../oauth/paths.ts';

const exposed = [
  'WWW-Authenticate',
  'DPoP-Nonce',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'X-Request-Id',
].join(',');

/** Answers the preflight of a path with these methods. */
export const answerPreflightOf = (methods: string[]): Middleware =>
  cors({ allowMethods: methods, maxAge: 3600 }) as Middleware;

/** The preflight handler of each path that allows OPTIONS. */
const preflights: ReadonlyMap<string, Middleware> = new Map(
  Object.entries(allowedMethods)
    .filter(([, methods]) => methods.includes('OPTIONS'))
    .map(([path, methods]) => [
      path,
      answerPreflightOf(methods.split(', ').filter((method) => method !== 'OPTIONS')),
    ]),
);

/**
 * Lets a page of any origin read the response, whatever its status. It runs before everything that can refuse a request,
 * so an app can read errors as well.
 */
export function allowAnyOrigin(
  { url = '', method }: IncomingMessage,
  response: ServerResponse,
): void {
  const [path = ''] = url.split('?', 1);
  if (method === 'OPTIONS' || !(preflights.has(path) || path === openApiPath)) return;
  allowAnyOriginToRead(response);
}

/** Lets a page of any origin read this response. */
export function allowAnyOriginToRead(response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader('Access-Control-Expose-Headers', exposed);
  response.setHeader('Vary', 'Origin');
}

/** Answers preflights and passes every other request on. */
export const answerPreflight: Middleware = (ctx, next) =>
  ctx.method === 'OPTIONS' ? (preflights.get(ctx.path)?.(ctx, next) ?? next()) : next();
