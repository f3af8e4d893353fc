import type { Provider } from 'oidc-provider';
import type { Responders } from '../../authorization-response.ts';
import { inPlainWords } from '../sentences.ts';

type RegisterResponseMode = Provider['registerResponseMode'];

/**
 * Replaces the engine's response modes with Writ's (authorization-response.ts): the engine parses and reserializes the
 * redirect URI, which changes its query, and its form has no headers of Writ. The engine registers its response modes in
 * its constructor, so the method is overridden in a subclass. In every mode, errors have plain sentences.
 */
export function withExactRedirects<Base extends new (...given: never[]) => Provider>(
  Engine: Base,
  responders: Responders,
): Base {
  const Exact = Engine as unknown as new (issuer: string, configuration?: object) => Provider;
  return class extends Exact {
    override registerResponseMode(...[name, handler]: Parameters<RegisterResponseMode>): void {
      super.registerResponseMode(
        name,
        isOurs(name, responders)
          ? responders[name]
          : (ctx, redirectUri, answer) => handler(ctx, redirectUri, inPlainWords(answer)),
      );
    }
  } as unknown as Base;
}

const isOurs = (name: string, responders: Responders): name is keyof Responders =>
  name in responders;
