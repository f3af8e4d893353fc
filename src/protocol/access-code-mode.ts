import type { Context } from 'koa';
import type { Provider } from 'oidc-provider';
import { accessCodeMode, accessCodeRedirect } from '../oauth/response-modes.ts';
import type { GoToApp } from './authorization-response.ts';

/**
 * Registers the response mode `access_code` of Speckle's apps: the redirect carries only the code, without `state` and
 * `iss`.
 */
export function registerAccessCodeMode(provider: Provider, goToApp: GoToApp): void {
  provider.registerResponseMode(
    accessCodeMode,
    (ctx: Context, redirectUri: string, { code }: Record<string, unknown>) =>
      goToApp(ctx, accessCodeRedirect(redirectUri, code)),
  );
}
