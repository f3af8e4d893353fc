import type { Context } from 'koa';
import type { Provider } from 'oidc-provider';
import { withParameters } from '../../../oauth/redirect.ts';

type RegisterResponseMode = Provider['registerResponseMode'];

/**
 * Sends the answer of an authorization request to the redirect URI as the client wrote it, with the parameters of the
 * answer after its own (RFC 6749 §3.1.2). The engine parses the URI and writes it anew, which alters its query. It
 * registers its response modes itself, so this stands in place of the method by which it does.
 */
export function withExactRedirects<Base extends new (...given: never[]) => Provider>(
  Engine: Base,
): Base {
  const Exact = Engine as unknown as new (issuer: string, configuration?: object) => Provider;
  return class extends Exact {
    override registerResponseMode(...[name, handler]: Parameters<RegisterResponseMode>): void {
      super.registerResponseMode(name, isRedirect(name) ? redirectBy(name) : handler);
    }
  } as unknown as Base;
}

const isRedirect = (name: string): name is 'query' | 'fragment' =>
  name === 'query' || name === 'fragment';

const redirectBy =
  (mode: 'query' | 'fragment') =>
  (ctx: Context, redirectUri: string, answer: Record<string, unknown>): void => {
    ctx.status = 303;
    ctx.set('Location', withParameters(redirectUri, answer, mode));
    ctx.body = '';
  };
