/**
 * WHAT PAGES OF OTHER ORIGINS MAY READ (Fetch §3.2): the endpoints of the protocol that apps in browsers call, and the
 * document of the API, which needs no preflight. Nothing that these do depends on a cookie, so any origin may call
 * them, and none with credentials.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import cors from '@koa/cors';
import type { Middleware } from 'koa';
import { allowedMethods, openApiPath } from '../oauth/paths.ts';

const exposed = [
  'WWW-Authenticate',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'X-Request-Id',
].join(',');

/** Answers the preflight of a path that takes these methods. */
export const answerPreflightOf = (methods: string[]): Middleware =>
  cors({ allowMethods: methods, maxAge: 3600 }) as Middleware;

/** By path, what answers its preflight: of the endpoints that take OPTIONS, which no others do. */
const preflights: ReadonlyMap<string, Middleware> = new Map(
  Object.entries(allowedMethods)
    .filter(([, methods]) => methods.includes('OPTIONS'))
    .map(([path, methods]) => [
      path,
      answerPreflightOf(methods.split(', ').filter((method) => method !== 'OPTIONS')),
    ]),
);

/**
 * Lets a page of any origin read the response, whatever its status turns out to be: it stands before all that can
 * refuse a request, so that an app learns why.
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

/** Answers preflights; every other request passes. */
export const answerPreflight: Middleware = (ctx, next) =>
  ctx.method === 'OPTIONS' ? (preflights.get(ctx.path)?.(ctx, next) ?? next()) : next();
