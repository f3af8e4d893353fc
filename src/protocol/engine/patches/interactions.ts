import type { Context } from 'koa';
import { Provider } from 'oidc-provider';
import { countLogin, type RequestLimitCounter } from '../../../domain/limits/request-limits.ts';
import { endpoints } from '../../../oauth/paths.ts';
import { forEngine } from '../errors.ts';
import { modelsOf } from '../models.ts';
import { currentScope } from '../request-scope.ts';

/**
 * Replaces `Interaction.prototype.save`: a request is stored only after its person has signed in, counted against the
 * limits of that account, and without the session, because a person can sign in again before they decide. One that is
 * resumed without a decision is already stored. Replaces
 * `Interaction.prototype.destroy` with nothing: a decided request stays until it expires, so a second click finds it.
 */
export function patchInteractions(
  provider: Provider,
  { requestLimits }: { requestLimits: RequestLimitCounter },
): void {
  const { prototype } = modelsOf(provider).Interaction;
  const { save } = prototype;
  prototype.save = async function (lifetime) {
    const { ctx } = Provider;
    const scope = currentScope();
    if (ctx && scope) {
      if (ctx.oidc.route === 'resume') return '';
      const account = scope.browserSession?.accountId;
      if (!account) return '';
      const client = ctx.oidc.client?.clientId ?? '';
      await forEngine(() => countLogin(requestLimits, { account, client, ip: ctx.ip }));
      scope.isStored = true;
    }
    delete this.session;
    return save.call(this, lifetime);
  };
  prototype.destroy = async () => {};
}

/**
 * Makes the engine bind requests to browsers with Writ's cookies (http/authorization-cookies.ts) instead of two
 * signed cookies for each request.
 */
export function replaceInteractionCookies(
  provider: Provider,
  startedInThisBrowser: (ctx: Context, uid: string) => boolean,
): void {
  const names = (['interaction', 'resume'] as const).map((name) => provider.cookieName(name));
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith(endpoints.authorization)) return next();
    const { cookies } = ctx;
    const { get, set } = cookies;
    cookies.get = (name, ...options) => {
      if (!names.includes(name)) return get.call(cookies, name, ...options);
      const uid = ctx.path.split('/').at(-1) ?? '';
      return startedInThisBrowser(ctx, uid) ? uid : undefined;
    };
    cookies.set = (name, ...options) =>
      names.includes(name) ? cookies : set.call(cookies, name, ...options);
    await next();
  });
}
