import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import type { Context, Middleware } from 'koa';
import { OAuthError } from '../../oauth/errors.ts';
import { etagOf, isKnown } from '../framework/etag.ts';
import { requireGet } from '../framework/require-get.ts';
import { html } from './html.ts';
import { startScript } from './start-script.ts';
import { style } from './style.ts';

export const pagePath = '/docs';

interface File {
  type: string;
  content: string | Buffer;
}

/** A file of Swagger UI, wherever its package was installed. */
const ofSwaggerUi = (name: string) => () => {
  const manifest = createRequire(import.meta.url).resolve('swagger-ui-dist/package.json');
  return readFile(path.join(path.dirname(manifest), name));
};

/** All that there is below `/docs`: nothing that a caller names is looked for on the disk. */
const sources: Record<string, { type: string; read: () => string | Promise<Buffer> }> = {
  [pagePath]: { type: 'text/html', read: () => html },
  [`${pagePath}/start.js`]: { type: 'text/javascript', read: () => startScript },
  [`${pagePath}/style.css`]: { type: 'text/css', read: () => style },
  [`${pagePath}/swagger-ui.css`]: { type: 'text/css', read: ofSwaggerUi('swagger-ui.css') },
  [`${pagePath}/swagger-ui-bundle.js`]: {
    type: 'text/javascript',
    read: ofSwaggerUi('swagger-ui-bundle.js'),
  },
};

/**
 * `/docs`: the OpenAPI document, readable, and the means to try it. Everything comes from this server;
 * a file is read when it is first asked for, and kept.
 */
export function servePage(issuer: string): Middleware {
  const kept = new Map<string, File & { tag: string }>();
  const load = async (name: string) => {
    const source = sources[name];
    if (!source) throw new OAuthError('not_found', 'There is nothing at this path.');
    const content = await source.read();
    const file = { type: source.type, content, tag: etagOf(content.toString()) };
    kept.set(name, file);
    return file;
  };
  const policy = contentSecurityPolicy(issuer);

  return async (ctx, next) => {
    if (ctx.path !== pagePath && !ctx.path.startsWith(`${pagePath}/`)) return next();
    if (ctx.path === `${pagePath}/`) {
      ctx.status = 308;
      ctx.set('Location', pagePath);
      return;
    }
    const file = kept.get(ctx.path) ?? (await load(ctx.path));
    requireGet(ctx);
    ctx.set('Content-Security-Policy', policy);
    answer(ctx, file);
  };
}

/** Files keep their names when they change, so each use asks whether they did. */
function answer(ctx: Context, { type, content, tag }: File & { tag: string }): void {
  ctx.set('Cache-Control', 'public, no-cache');
  ctx.set('ETag', tag);
  ctx.set('Referrer-Policy', 'no-referrer');
  if (isKnown(ctx.get('If-None-Match'), tag)) {
    ctx.status = 304;
    return;
  }
  ctx.type = `${type}; charset=utf-8`;
  ctx.body = content;
}

/** No script but ours, nothing from elsewhere, in nobody's frame. Swagger UI draws its icons as data. */
const contentSecurityPolicy = (issuer: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self' ${new URL(issuer).origin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
