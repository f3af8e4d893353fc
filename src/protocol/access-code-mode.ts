import type { Context } from 'koa';
import type { Provider } from 'oidc-provider';
import { accessCodeMode, accessCodeRedirect } from '../oauth/response-modes.ts';

/**
 * Registers the response mode `access_code` of Speckle's apps: the redirect carries only the code, without `state` and
 * `iss`.
 */
export function registerAccessCodeMode(provider: Provider): void {
  provider.registerResponseMode(
    accessCodeMode,
    (ctx: Context, redirectUri: string, { code }: Record<string, unknown>) => {
      ctx.status = 303;
      ctx.set('Location', accessCodeRedirect(redirectUri, code));
      ctx.body = '';
    },
  );
}
