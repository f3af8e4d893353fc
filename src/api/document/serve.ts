import type { Middleware } from 'koa';
import { openApiPath } from '../../oauth/paths.ts';
import { etagOf, isKnown } from '../framework/etag.ts';
import type { Operation } from '../framework/operation.ts';
import { requireGet } from '../framework/require-get.ts';

export type ReadDocument = () => Promise<unknown>;

/** Creates the OpenAPI document on first use and keeps it; a failure is not kept. */
export function lazyDocument(
  operations: Operation[],
  issuer: string,
  appPages = true,
): ReadDocument {
  let pending: Promise<unknown> | undefined;
  const create = async () => {
    const { createApiDocument } = await import('./document.ts');
    return createApiDocument(operations, issuer, appPages);
  };
  return () => {
    pending ??= create().catch((error: unknown) => {
      pending = undefined;
      throw error;
    });
    return pending;
  };
}

/** `/api/v1/openapi.json`, without authentication: it describes the API and contains no data of the installation. */
export function serveDocument(readDocument: ReadDocument): Middleware {
  let serialized: { text: string; tag: string } | undefined;
  return async (ctx, next) => {
    if (ctx.path !== openApiPath) return next();
    requireGet(ctx);
    if (!serialized) {
      const text = JSON.stringify(await readDocument());
      serialized = { text, tag: etagOf(text) };
    }
    ctx.set('Cache-Control', 'public, max-age=300');
    ctx.set('ETag', serialized.tag);
    if (isKnown(ctx.get('If-None-Match'), serialized.tag)) {
      ctx.status = 304;
      return;
    }
    ctx.type = 'application/json';
    ctx.body = serialized.text;
  };
}
