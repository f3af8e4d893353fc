import { describe, expect, it } from '@jest/globals';
import { defaultResourceFor } from '../../../src/domain/resources/access.ts';
import type { Resource } from '../../../src/domain/resources/resources.ts';

const resource = (identifier: string, given: Partial<Resource> = {}): Resource => ({
  identifier,
  name: identifier,
  scopes: [],
  tokenFormat: 'opaque',
  signingAlg: 'ES256',
  accessTokenTtl: null,
  isDefault: false,
  appPolicy: null,
  personalPolicy: null,
  selfRegisteredPolicy: null,
  detailsTypes: [],
  claims: {},
  ...given,
});

const policy = { token_formats: ['opaque'] } as unknown as Resource['appPolicy'];
const preset = resource('https://default.example', { isDefault: true });
const open = [
  resource('https://a.example', { appPolicy: policy }),
  resource('https://b.example', { appPolicy: policy }),
];

const resources = (given: Resource | undefined) => ({
  findDefault: async () => given,
  openToApps: async () => open,
  openToSelfRegistered: async () => [],
});

const client = (given: { resources?: string[]; app?: string | null } = {}) => ({
  resources: [],
  scope: undefined,
  app: null,
  ...given,
});

const identifierFor = async (...given: Parameters<typeof defaultResourceFor>) =>
  (await defaultResourceFor(...given)).identifier;

describe('the resource of a request that names none (RFC 8707)', () => {
  it('is the default of the installation if the client can use it', async () => {
    expect(await identifierFor(client(), resources(preset))).toBe(preset.identifier);
    expect(await identifierFor(undefined, resources(preset))).toBe(preset.identifier);
    expect(
      await identifierFor(
        client({ resources: ['https://x.example', preset.identifier] }),
        resources(preset),
      ),
    ).toBe(preset.identifier);
  });

  it('is otherwise the first resource of the client', async () => {
    const given = { resources: ['https://x.example', 'https://y.example'] };
    expect(await identifierFor(client(given), resources(preset))).toBe('https://x.example');
    expect(await identifierFor(client({ ...given, app: 'shop' }), resources(undefined))).toBe(
      'https://x.example',
    );
  });

  it('is otherwise, for an app’s client only, the first that is open to apps', async () => {
    expect(await identifierFor(client({ app: 'shop' }), resources(preset))).toBe(
      'https://a.example',
    );
    expect(await identifierFor(client(), resources(undefined))).toBeUndefined();
  });

  it('is never the excepted one', async () => {
    const except = { except: preset.identifier };
    expect(await identifierFor(client(), resources(preset), except)).toBeUndefined();
    expect(
      await identifierFor(
        client({ resources: [preset.identifier, 'https://x.example'] }),
        resources(preset),
        except,
      ),
    ).toBe('https://x.example');
    expect(
      await identifierFor(client({ app: 'shop' }), resources(undefined), {
        except: 'https://a.example',
      }),
    ).toBe('https://b.example');
    // An app's client that has only the excepted resource gets no other.
    expect(
      await identifierFor(
        client({ app: 'shop', resources: ['https://a.example'] }),
        resources(undefined),
        { except: 'https://a.example' },
      ),
    ).toBeUndefined();
  });
});
