import type Koa from 'koa';

/**
 * Makes an app derive every URL from the issuer: the engine makes those that it publishes from the
 * request's, and a caller must not choose their host.
 */
export function useIssuerInUrls(app: Koa, issuer: string): void {
  Object.defineProperties(app.request, {
    origin: { get: () => issuer },
    // Whether cookies travel over TLS only, too: a proxy need not say that it speaks it.
    secure: { get: () => issuer.startsWith('https:') },
    href: {
      get(this: Koa.Request) {
        return issuer + this.originalUrl.replace(/^https?:\/\/[^/]+/i, '');
      },
    },
    URL: {
      get(this: Koa.Request) {
        return new URL(this.href);
      },
    },
  });
}
