import type { Middleware } from 'koa';
import { openApiPath } from '../../oauth/paths.ts';
import { etagOf, isKnown } from '../framework/etag.ts';
import type { Operation } from '../framework/operation.ts';
import { requireGet } from '../framework/require-get.ts';

/** `/api/v1/openapi.json`, for everyone: it tells what the API is, and nothing of what is in it. Made when it is first asked for. */
export function serveDocument(operations: Operation[], issuer: string): Middleware {
  let made: Promise<{ text: string; tag: string }> | undefined;
  const make = async () => {
    const { createApiDocument } = await import('./document.ts');
    const text = JSON.stringify(createApiDocument(operations, issuer));
    return { text, tag: etagOf(text) };
  };
  return async (ctx, next) => {
    if (ctx.path !== openApiPath) return next();
    requireGet(ctx);
    made ??= make().catch((error: unknown) => {
      made = undefined; // else one failure would stay for ever
      throw error;
    });
    const { text, tag } = await made;
    ctx.set('Cache-Control', 'public, max-age=300');
    ctx.set('ETag', tag);
    if (isKnown(ctx.get('If-None-Match'), tag)) {
      ctx.status = 304;
      return;
    }
    ctx.type = 'application/json';
    ctx.body = text;
  };
}
