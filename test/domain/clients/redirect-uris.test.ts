import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appLimits } from '../../../config/apps.ts';
import { loadSettings } from '../../../config/settings.ts';
import { metadataOf } from '../../../src/domain/apps/client-settings.ts';
import { plainSignIn } from '../../../src/domain/apps/client-sign-in.ts';
import type { ClientKind } from '../../../src/domain/apps/types.ts';
import type { ValidateMetadata } from '../../../src/domain/clients/merge-patch.ts';
import { assertRedirectUris } from '../../../src/domain/clients/redirect-uris.ts';
import { clientMetadataValidator } from '../../../src/protocol/engine/client-metadata.ts';
import { openStores, type Stores } from '../../conformance/stores.ts';

/** Redirect URIs, and whether a website and a native client can register them. */
const uris: [uri: string, website: boolean, native: boolean][] = [
  ['https://app.example.com/callback', true, true],
  ['https://app.example.com', true, true],
  ['https://app.example.com:8443/a/b?c=d&e=f', true, true],
  ['https://app.example.com/%C3%BC', true, true],
  ['https://192.0.2.1/callback', true, true],
  ['https://[2001:db8::1]/callback', true, true],
  ['HTTPS://APP.EXAMPLE.COM/callback', false, false],
  ['https://app.example.com/@me', true, true],
  ['https://app.example.com/?to=a@b', true, true],
  ['http://localhost/callback', false, true],
  ['http://localhost:3000/callback', false, true],
  ['http://127.0.0.1:3000/callback', false, true],
  ['http://127.0.0.1/callback', false, true],
  ['http://[::1]:3000/callback', false, true],
  ['https://localhost/callback', true, false],
  ['https://127.0.0.1/callback', true, false],
  ['https://[::1]/callback', true, false],
  ['http://app.example.com/callback', false, false],
  ['http://localhost.example.com/callback', false, false],
  ['http://127.0.0.2/callback', false, false],
  ['http://192.168.0.1/callback', false, false],
  ['http://[::2]/callback', false, false],
  ['com.example.app:/callback', false, true],
  ['com.example.app://callback', false, true],
  ['com.example.app:/oauth2redirect/example-provider?x=y', false, true],
  ['org.my-company.app2:/cb', false, true],
  ['com.example.app:callback', false, false],
  ['com.example.app:', false, false],
  ['com.example.app:/', false, false],
  ['myapp:/callback', false, false],
  ['myapp://callback', false, false],
  ['javascript:alert(1)', false, false],
  ['javascript://x.example.com/%0Aalert(1)', false, false],
  ['data:text/html,x', false, false],
  ['file:///etc/passwd', false, false],
  ['blob:https://app.example.com/x', false, false],
  ['about:blank', false, false],
  ['vbscript:/x', false, false],
  ['ftp://app.example.com/x', false, false],
  ['urn:ietf:wg:oauth:2.0:oob', false, false],
  ['.com:/x', false, false],
  ['com.:/x', false, false],
  ['1com.example:/x', false, false],
  ['COM.Example.App:/callback', false, false],
  ['uk.co.example:/callback', false, true],
  ['com.x:/callback', false, true],
  ['com.example.3d:/callback', false, true],
  ['a.b:/x', false, false],
  ['x-apple.systempreferences:/a', false, false],
  ['ms-settings.example:/a', false, false],
  ['co1.example:/x', false, false],
  ['com.-example:/x', false, false],
  ['com.example-:/x', false, false],
  ['com.example-.app:/x', false, false],
  ['com.exa+mple:/x', false, false],
  ['com..example:/x', false, false],
  ['com.example.:/x', false, false],
  ['javascript.x:/%0Aalert(1)', false, false],
  ['JavaScript.example.app:/x', false, false],
  ['vbscript.x:/x', false, false],
  ['file.example:/etc/passwd', false, false],
  ['https.example:/x', false, false],
  ['https://app.example.com/callback#here', false, false],
  ['https://app.example.com/callback#', false, false],
  ['com.example.app:/callback#x', false, false],
  ['https://*.example.com/callback', false, false],
  ['https://app.example.com/*', false, false],
  ['https://%2A.example.com/callback', false, false],
  ['https://user@app.example.com/', false, false],
  ['https://user:pass@app.example.com/', false, false],
  ['https://@app.example.com/', false, false],
  ['https://app.example.com\\@evil.example/', false, false],
  ['https:\\\\app.example.com/', false, false],
  ['https:app.example.com/', false, false],
  ['https:/app.example.com/', false, false],
  ['https:///app.example.com/', false, false],
  ['https://', false, false],
  ['https://?x', false, false],
  ['https://app.example.com:99999/', false, false],
  ['//app.example.com/', false, false],
  ['/callback', false, false],
  ['callback', false, false],
  ['', false, false],
  [' https://app.example.com/', false, false],
  ['https://app.example.com/\n', false, false],
  ['https://app.example.com/a b', false, false],
  ['https://app.exam\tple.com/', false, false],
  ['https://app.example.com/\0', false, false],
  ['https://äpp.example.com/', false, false],
  ['https://app.example.com/ü', false, false],
  ['https://app.example.com/"x"', false, false],
  ['https://app.example.com/<x>', false, false],
  ['https://app.example.com?x=y', true, true],
  ['https://app.example.com:443/callback', false, false],
  ['https://app.example.com/a/../callback', false, false],
  ['https://app.example.com/%2e%2e/callback', false, false],
  ['https://app.example.com./callback', true, true],
  ['https://0x7f.1/callback', false, false],
  ['http://127.1:3000/callback', false, false],
  ['http://2130706433/callback', false, false],
  [`https://app.example.com/${'x'.repeat(1976)}`, true, true],
  [`https://app.example.com/${'x'.repeat(1977)}`, false, false],
];

const accepts = (kind: ClientKind, list: string[]): boolean => {
  try {
    assertRedirectUris(kind, list);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_request' });
    return false;
  }
};

const settings = {
  displayName: 'A',
  idTokenAlg: null,
  accessTokenTtl: null,
  accessTokenFormat: null,
  apiCallsLimit: null,
  apiTrafficLimit: null,
  allowAnonymous: false,
  urls: {
    postLogoutRedirectUris: [],
    backchannelLogoutUri: null,
    frontchannelLogoutUri: null,
    initiateLoginUri: null,
  },
  security: { profile: null, jwks: null, requirePushedRequests: false, dpopBound: false },
  signIn: plainSignIn,
  tokenExchange: false,
  agent: null,
  firstParty: false,
};

describe('a redirect URI', () => {
  let stores: Stores;
  let validate: ValidateMetadata;
  beforeAll(async () => {
    stores = await openStores('pglite');
    validate = clientMetadataValidator(() => stores.provider, loadSettings({}));
  });
  afterAll(() => stores.close());
  const engineAccepts = (kind: ClientKind, list: string[]): boolean => {
    try {
      validate('acme:c', metadataOf(kind, { ...settings, redirectUris: list }));
      return true;
    } catch {
      return false;
    }
  };

  test.each(uris)('%j', (uri, website, native) => {
    expect({ website: accepts('website', [uri]), native: accepts('native', [uri]) }).toEqual({
      website,
      native,
    });
  });

  test('that is accepted here is also accepted by the engine', () => {
    const parts = {
      scheme: ['https', 'http', 'com.example.app', 'myapp', 'javascript', 'HTTPS', 'data', 'io.b'],
      after: [':', ':/', '://', ':///', ':\\\\'],
      host: [
        '',
        'localhost',
        '127.0.0.1',
        '[::1]',
        'a.test',
        'u@a.test',
        '*.a.test',
        '0x7f.1',
        '%41',
      ],
      rest: ['', '/', '/cb', '/cb?x=y', '?x', '#x', ':3000/cb', ':99999/', '/a b', '/%zz', '/[x]'],
    };
    let [accepted, refused] = [0, 0];
    const both: string[] = uris.map(([uri]) => uri);
    for (const scheme of parts.scheme)
      for (const after of parts.after)
        for (const host of parts.host)
          for (const rest of parts.rest) both.push(scheme + after + host + rest);
    for (const uri of both)
      for (const kind of ['website', 'native'] as const) {
        if (!accepts(kind, [uri])) {
          refused++;
          continue;
        }
        accepted++;
        expect({ kind, uri, engine: engineAccepts(kind, [uri]) }).toEqual({
          kind,
          uri,
          engine: true,
        });
      }
    expect(accepted).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(1000);
  });

  test.each(['server', 'website_with_server', 'website', 'native', 'device'] as const)(
    'a %s without any, or with one, is judged by the engine as here',
    (kind) => {
      for (const list of [[], ['https://app.example.com/callback']]) {
        const here = accepts(kind, list);
        if (here) expect(engineAccepts(kind, list)).toBe(true);
      }
      expect(accepts(kind, [])).toBe(kind === 'server' || kind === 'device');
    },
  );

  test('can be listed once, and their number is limited', () => {
    const many = Array.from(
      { length: appLimits.redirectUris },
      (_, i) => `https://a.example.com/${i}`,
    );
    expect(accepts('website', many)).toBe(true);
    expect(accepts('website', [...many, 'https://a.example.com/more'])).toBe(false);
    expect(accepts('website', ['https://a.example.com/', 'https://a.example.com/'])).toBe(false);
  });
});
