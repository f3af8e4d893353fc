import type Koa from 'koa';
import { basePathOf, urlOf } from '../oauth/issuer.ts';

/**
 * Makes an app derive all its URLs from the issuer, including the issuer's path. The engine derives the URLs that it
 * publishes from the request's, and a caller must not be able to choose their host.
 */
export function useIssuerInUrls(app: Koa, issuer: string): void {
  const { origin } = new URL(issuer);
  Object.assign(app.context, { mountPath: basePathOf(issuer) });
  Object.defineProperties(app.request, {
    origin: { get: () => origin },
    // Also decides whether cookies are secure, so a proxy does not have to report https.
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
