import { describe, expect, it } from '@jest/globals';
import { Provider } from 'oidc-provider';
import {
  createGoToApp,
  createResponders,
} from '../../../../src/protocol/authorization-response.ts';
import { withExactRedirects } from '../../../../src/protocol/engine/patches/exact-redirects.ts';
import { stockProvider } from './support.ts';

type Handler = Parameters<Provider['registerResponseMode']>[1];

/** The response modes that an engine registers in its constructor, through the overridden method. */
async function registered(wrap: (Engine: typeof Provider) => typeof Provider) {
  const handlers = new Map<string, Handler>();
  class Recording extends Provider {
    override registerResponseMode(name: string, handler: Handler): void {
      handlers.set(name, handler);
      super.registerResponseMode(name, handler);
    }
  }
  await stockProvider(wrap(Recording));
  return (name: string, redirectUri: string) => {
    const headers: Record<string, string> = {};
    const set = (header: string, value: string) => {
      headers[header] = value;
    };
    const ctx = { set, redirect: (url: string) => set('Location', url) };
    handlers.get(name)?.(ctx as never, redirectUri, { code: 'c' });
    return headers['Location'];
  };
}

const uri = 'https://app.test/cb?x=a%20b';

describe('Provider.prototype.registerResponseMode', () => {
  it('of the engine gets query and fragment, which reserialize the redirect URI', async () => {
    const answer = await registered((Engine) => Engine);
    expect(answer('query', uri)).toBe('https://app.test/cb?x=a+b&code=c');
    expect(answer('fragment', uri)).toContain('#code=c');
  });

  it('of Writ retains it byte for byte', async () => {
    const responders = createResponders({
      goToApp: createGoToApp({ showLeaving: async () => {} }),
      showResponseForm: async () => {},
    });
    const answer = await registered((Engine) => withExactRedirects(Engine, responders));
    expect(answer('query', uri)).toBe(`${uri}&code=c`);
    expect(answer('fragment', uri)).toBe(`${uri}#code=c`);
  });
});
