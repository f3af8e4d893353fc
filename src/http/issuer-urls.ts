import type Koa from 'koa';
import { basePathOf, urlOf } from '../oauth/issuer.ts';

/**
 * Makes an app derive every URL from the issuer: the engine makes those that it publishes from the
 * request's, and a caller must not choose their host. Those of an issuer with a path are below it.
 */
export function useIssuerInUrls(app: Koa, issuer: string): void {
  const { origin } = new URL(issuer);
  Object.assign(app.context, { mountPath: basePathOf(issuer) });
  Object.defineProperties(app.request, {
    origin: { get: () => origin },
    // Whether cookies travel over TLS only, too: a proxy need not say that it speaks it.
    secure: { get: () => issuer.startsWith('https:') },
    href: {
      get(this: Koa.Request) {
        return urlOf(issuer, this.originalUrl.replace(/^https?:\/\/[^/]+/i, ''));
      },
    },
    URL: {
      get(this: Koa.Request) {
        return new URL(this.href);
      },
    },
  });
}
