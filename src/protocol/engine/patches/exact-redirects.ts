import type { Context } from 'koa';
import type { Provider } from 'oidc-provider';
import { withParameters } from '../../../oauth/redirect.ts';
import { inPlainWords } from '../sentences.ts';

type RegisterResponseMode = Provider['registerResponseMode'];

/**
 * Redirects authorization responses to the redirect URI exactly as registered, with the response parameters after its
 * own query (RFC 6749 §3.1.2). The engine parses and reserializes the URI, which changes its query. The engine
 * registers its response modes in its constructor, so the method is overridden in a subclass. In every mode, errors have
 * plain sentences.
 */
export function withExactRedirects<Base extends new (...given: never[]) => Provider>(
  Engine: Base,
): Base {
  const Exact = Engine as unknown as new (issuer: string, configuration?: object) => Provider;
  return class extends Exact {
    override registerResponseMode(...[name, handler]: Parameters<RegisterResponseMode>): void {
      const respond = isRedirect(name) ? redirectBy(name) : handler;
      super.registerResponseMode(name, (ctx, redirectUri, answer) =>
        respond(ctx, redirectUri, inPlainWords(answer)),
      );
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
