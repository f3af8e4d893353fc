import type { Provider } from 'oidc-provider';
import { endpoints } from '../oauth/paths.ts';

/** Sets how many seconds a verifier can cache the public keys (RFC 7517 §5). Key rotation waits as long. */
export function cacheKeysFor(provider: Provider, seconds: number): void {
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path === endpoints.jwks && ctx.status === 200)
      ctx.set('Cache-Control', `public, max-age=${seconds}`);
  });
}
