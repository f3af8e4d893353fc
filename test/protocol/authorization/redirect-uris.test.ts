import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isRegisteredRedirectUri } from '../../../src/domain/clients/redirect-uris.ts';
import { engineMetadata } from '../../../src/protocol/engine/adapter/clients.ts';
import { openStores, type Stores } from '../../conformance/stores.ts';

let stores: Stores;
beforeAll(async () => {
  stores = await openStores('pglite');
});
afterAll(() => stores.close());

const uris = [
  'https://app.test/back',
  'https://app.test:8443/back',
  'https://app.test/back/',
  'com.example.app:/back',
  'http://app.test/back',
  ...['http://localhost', 'http://127.0.0.1', 'http://[::1]', 'HTTP://LOCALHOST'].flatMap((host) =>
    ['', ':', ':80', ':3000', ':51004'].flatMap((port) =>
      ['', '/', '/back', '/back?x=:1', '?x=/y:1'].map((rest) => host + port + rest),
    ),
  ),
  'http://user@127.0.0.1:3000/back',
  'http://user:1@127.0.0.1:3000/back',
  'http://user:1@127.0.0.1/back',
  'http://127.0.0.1:3000@app.test/back',
  'http://127.0.0.1:3000.app.test/back',
  'http://127.0.0.2/back',
  'http://127.1:3000/back',
  'http:127.0.0.1:3000/back',
  'http://127.0.0.1:3000\\back',
  'https://localhost:3000/back',
  'http://127.0.0.1:99999/back',
  'not a uri',
];

test('a client is redirected to exactly where the engine allows: loopback addresses of native programs on any port', () => {
  const Client = stores.provider.Client as unknown as new (
    metadata: object,
  ) => { redirectUriAllowed: (uri: string) => boolean; redirectUris: string[] };
  let [allowed, refused] = [0, 0];
  for (const type of ['web', 'native', undefined])
    for (const registered of uris) {
      const metadata = {
        ...(type && { application_type: type }),
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
        redirect_uris: ['https://app.test/first', registered],
      };
      let client: InstanceType<typeof Client>;
      try {
        client = new Client(engineMetadata('acme:c', metadata));
      } catch {
        continue;
      }
      for (const uri of uris) {
        const engine = client.redirectUriAllowed(uri);
        expect([type, registered, uri, isRegisteredRedirectUri(metadata, uri)]).toEqual([
          type,
          registered,
          uri,
          engine,
        ]);
        if (engine) allowed++;
        else refused++;
      }
    }
  expect(allowed).toBeGreaterThan(300);
  expect(refused).toBeGreaterThan(1000);
});

test('a client without redirect URIs is redirected nowhere', () => {
  expect(isRegisteredRedirectUri({}, 'https://app.test/back')).toBe(false);
  expect(
    isRegisteredRedirectUri({ application_type: 'native', redirect_uris: [] }, 'http://localhost/'),
  ).toBe(false);
});
