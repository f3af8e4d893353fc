import type { Context } from 'koa';
import type { Provider } from 'oidc-provider';
import { accessCodeMode, accessCodeRedirect } from '../oauth/response-modes.ts';

/** Answers authorization requests in the words of Speckle's apps, which have neither `state` nor `iss`. */
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
