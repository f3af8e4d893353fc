import type { Middleware } from 'koa';
import { etagOf, isKnown } from '../framework/etag.ts';
import type { Operation } from '../framework/operation.ts';
import { requireGet } from '../framework/require-get.ts';
import { apiPrefix } from '../framework/router.ts';

export const documentPath = `${apiPrefix}/openapi.json`;

/** `/api/v1/openapi.json`, for everyone: it tells what the API is, and nothing of what is in it. Made when it is first asked for. */
export function serveDocument(operations: Operation[], issuer: string): Middleware {
  let made: Promise<{ text: string; tag: string }> | undefined;
  const make = async () => {
    const { createApiDocument } = await import('./document.ts');
    const text = JSON.stringify(createApiDocument(operations, issuer));
    return { text, tag: etagOf(text) };
  };
  return async (ctx, next) => {
    if (ctx.path !== documentPath) return next();
    requireGet(ctx);
    made ??= make().catch((error: unknown) => {
      made = undefined; // else one failure would stay for ever
      throw error;
    });
    const { text, tag } = await made;
    ctx.set('Cache-Control', 'public, max-age=300');
    ctx.set('ETag', tag);
    // Any page may read what everyone may.
    ctx.set('Access-Control-Allow-Origin', '*');
    if (isKnown(ctx.get('If-None-Match'), tag)) {
      ctx.status = 304;
      return;
    }
    ctx.type = 'application/json';
    ctx.body = text;
  };
}
