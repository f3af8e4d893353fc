import { describe, expect, test } from '@jest/globals';
import { nameFrom, requireAppName, withRandomSuffix } from '../../../src/domain/apps/names.ts';
import {
  requireSoundMetadata,
  requireValidClientId,
  withDefaults,
} from '../../../src/domain/clients/rules.ts';
import type { Resource } from '../../../src/domain/resources/resources.ts';
import { requireScopeNames } from '../../../src/domain/resources/scope-names.ts';
import { scopeWarnings } from '../../../src/domain/resources/scope-warnings.ts';
import { requirePermissions } from '../../../src/domain/roles/permissions.ts';

const refusal = (run: () => void): { code: string; parameter?: string; message: string } => {
  try {
    run();
  } catch (error) {
    return error as never;
  }
  throw new Error('nothing was refused');
};

describe('no client can be mistaken for a person', () => {
  const id = '0198c0de-aaaa-7bbb-8ccc-ddddeeeeffff';
  const spellings = [
    id,
    id.toUpperCase(),
    id.replaceAll('-', ''),
    id.replaceAll('-', '').toUpperCase(),
  ];

  test.each([...spellings, '0198-c0de-aaaa-7bbb-8ccc-dddd-eeee-ffff'])(
    'no caller can choose the UUID %s as a client_id',
    (text) => {
      expect(refusal(() => requireValidClientId(text))).toMatchObject({
        code: 'invalid_request',
        parameter: 'client_id',
      });
    },
  );

  test('an app cannot have a UUID as its name, not even derived from its display name', () => {
    for (const text of spellings.map((spelling) => spelling.toLowerCase())) {
      expect(refusal(() => requireAppName(text))).toMatchObject({ parameter: 'name' });
      expect(nameFrom(text)).not.toBe(text);
      expect(() => requireAppName(withRandomSuffix(text))).not.toThrow();
    }
  });

  test('a client_id that only begins like a UUID is allowed', () => {
    for (const text of [`${id}a`, id.slice(1), `${id}.x`, 'deadbeef'])
      expect(() => requireValidClientId(text)).not.toThrow();
  });
});

describe('the URIs of a client', () => {
  const fields = [
    'client_uri',
    'logo_uri',
    'policy_uri',
    'tos_uri',
    'jwks_uri',
    'initiate_login_uri',
    'sector_identifier_uri',
  ] as const;
  const wrong = [
    'http://app.example/',
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://app.example/',
    'https://user:pass@app.example/',
    'https://*.example/',
    'https://app.example/#x',
    'https://app.example/a b',
    'https:app.example',
    'app.example',
  ];

  test.each(fields)('%s must be an https URL', (field) => {
    for (const uri of wrong)
      expect({ uri, ...refusal(() => requireSoundMetadata({ [field]: uri })) }).toMatchObject({
        uri,
        code: 'invalid_client_metadata',
        parameter: field,
      });
    expect(() => requireSoundMetadata({ [field]: 'https://app.example/about' })).not.toThrow();
  });

  test.each(['backchannel_logout_uri', 'frontchannel_logout_uri'])(
    '%s must be an https URL, and that of a browser at the origin of a redirect URI',
    (field) => {
      const redirect_uris = ['https://app.example/back'];
      const given = (uri: string) => requireSoundMetadata({ redirect_uris, [field]: uri });
      for (const uri of wrong)
        expect({ uri, ...refusal(() => given(uri)) }).toMatchObject({
          uri,
          code: 'invalid_client_metadata',
          parameter: field,
        });
      expect(() => given('https://app.example/bye?of=it')).not.toThrow();
      for (const uri of ['https://other.example/bye', 'https://app.example:8443/bye'])
        if (field === 'backchannel_logout_uri') expect(() => given(uri)).not.toThrow();
        else expect(refusal(() => given(uri))).toMatchObject({ parameter: field });
    },
  );

  test('only native clients can sign out at http on loopback addresses', () => {
    const native = { application_type: 'native', redirect_uris: ['http://127.0.0.1/cb'] };
    for (const field of ['backchannel_logout_uri', 'frontchannel_logout_uri']) {
      const given = { [field]: 'http://127.0.0.1:8080/out' };
      expect(() => requireSoundMetadata({ ...native, ...given })).not.toThrow();
      expect(
        refusal(() =>
          requireSoundMetadata({ redirect_uris: ['https://app.example/cb'], ...given }),
        ),
      ).toMatchObject({ parameter: field });
    }
  });

  test('the rules for redirect URIs apply to post-logout redirect URIs', () => {
    for (const uri of wrong)
      expect(
        refusal(() => requireSoundMetadata({ post_logout_redirect_uris: [uri] })),
      ).toMatchObject({ code: 'invalid_request', parameter: 'post_logout_redirect_uris[0]' });
    const twice = ['https://app.example/bye', 'https://app.example/bye'];
    expect(
      refusal(() => requireSoundMetadata({ post_logout_redirect_uris: twice })).message,
    ).toContain('twice');
  });

  test('a client keeps invalid values from before the rule, but cannot get new ones', () => {
    const before = {
      redirect_uris: ['http://app.example/cb'],
      client_uri: 'http://app.example/',
      scope: 'a,b',
    };
    expect(() => requireSoundMetadata({ ...before, client_name: 'New' }, before)).not.toThrow();
    const after = { ...before, redirect_uris: [...before.redirect_uris, 'http://app.example/x'] };
    expect(refusal(() => requireSoundMetadata(after, before))).toMatchObject({
      parameter: 'redirect_uris[1]',
    });
  });

  test('only native clients can use http on loopback addresses (RFC 9700 §2.6)', () => {
    const redirect_uris = ['http://127.0.0.1/cb'];
    expect(() => requireSoundMetadata({ application_type: 'native', redirect_uris })).not.toThrow();
    for (const application_type of ['web', undefined])
      expect(
        refusal(() => requireSoundMetadata({ application_type, redirect_uris })),
      ).toMatchObject({
        parameter: 'redirect_uris[0]',
        message: expect.stringContaining('native'),
      });
  });
});

describe('scopes', () => {
  test.each([
    ['a list with commas', 'things:read,things:write', 'separated by spaces'],
    ['two spaces', 'a  b', 'single spaces'],
    ['a quote', 'a "b"', 'single spaces'],
    ['a tab', 'a\tb', 'single spaces'],
    ['a space at the end', 'a ', 'single spaces'],
  ])('a client cannot have %s', (_what, scope, hint) => {
    expect(refusal(() => requireSoundMetadata({ scope }))).toMatchObject({
      code: 'invalid_request',
      parameter: 'scope',
      message: expect.stringContaining(hint),
    });
  });

  test('a resource cannot have a new scope with a comma or a space, but keeps existing ones', () => {
    for (const name of ['a,b', 'a b', 'a"b', 'ä', ''])
      expect(refusal(() => requireScopeNames(['x', name]))).toMatchObject({
        parameter: 'scopes[1].name',
      });
    expect(refusal(() => requireScopeNames(['a', 'a']))).toMatchObject({ parameter: 'scopes' });
    expect(() => requireScopeNames(['a,b', 'c'], ['a,b'])).not.toThrow();
  });

  test('an unknown scope causes a warning with the likely intended one', () => {
    const resource = (identifier: string, names: string[], isDefault = false) =>
      ({
        identifier,
        isDefault,
        appPolicy: null,
        scopes: names.map((name) => ({ name, description: '' })),
      }) as unknown as Resource;
    const resources = [
      resource('https://a.test', ['things:read', 'things:write'], true),
      resource('https://b.test', ['orders:read']),
    ];
    const warned = (scope: string, given: string[] = []) =>
      scopeWarnings({ scope, resources: given, app: null }, resources, 'https://own.test').map(
        ({ message }) => message,
      );
    expect(warned('things:read openid offline_access')).toEqual([]);
    expect(warned('things:raed things:read')).toEqual([
      'No resource has the scope things:raed. Did you mean things:read?',
    ]);
    expect(warned('thing:write')).toEqual([
      'No resource has the scope thing:write. Did you mean things:write?',
    ]);
    expect(warned('invoices')).toEqual([
      'No resource has the scope invoices. Tokens get it only after it is added to a resource.',
    ]);
    expect(warned('orders:read')).toEqual([
      expect.stringContaining('No resource of the client has'),
    ]);
    expect(warned('orders:read', ['https://b.test'])).toEqual([]);
  });
});

test('no operation accepts a permission that can never match', () => {
  const limits = { permissions: 3, names: 10 };
  for (const permission of ['rea*', '**', '', 'a b', 'a..b', 'things:read', 7, null])
    expect(refusal(() => requirePermissions(['a', permission], limits))).toMatchObject({
      code: 'invalid_request',
      parameter: 'permissions[1]',
    });
  expect(refusal(() => requirePermissions(['things:read'], limits)).message).toContain(
    'things.read.',
  );
  for (const list of [['a', 'a'], ['a', 'b', 'c', 'd'], ['a|b|c|d|e|f|g|h|i|j|k']])
    expect(refusal(() => requirePermissions(list, limits))).toMatchObject({
      parameter: 'permissions',
    });
  expect(() => requirePermissions(['things.read', 'things.*', '^a|b'], limits)).not.toThrow();
});

test('a public client cannot switch PKCE off (RFC 9700 §2.1.1)', () => {
  const isPublic = { token_endpoint_auth_method: 'none' };
  expect(refusal(() => requireSoundMetadata({ ...isPublic, require_pkce: false }))).toMatchObject({
    code: 'invalid_client_metadata',
    parameter: 'require_pkce',
  });
  for (const metadata of [{ ...isPublic, require_pkce: true }, isPublic, { require_pkce: false }])
    expect(() => requireSoundMetadata(metadata)).not.toThrow();
});

describe('the profile fapi2', () => {
  const key = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' };
  const given = {
    profile: 'fapi2',
    jwks: { keys: [key] },
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: ['https://app.test/back'],
  };

  test('takes certificates in the place of keys (RFC 8705)', () => {
    const metadata = withDefaults({
      ...given,
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_subject_dn: 'CN=bank',
      tls_client_certificate_bound_access_tokens: true,
    });
    expect(metadata).not.toHaveProperty('dpop_bound_access_tokens');
    expect(() => requireSoundMetadata(metadata)).not.toThrow();
    const unbound = { ...metadata, tls_client_certificate_bound_access_tokens: false };
    expect(refusal(() => requireSoundMetadata(unbound)).message).toContain(
      'dpop_bound_access_tokens must be true',
    );
  });

  test('sets everything that it requires', () => {
    const metadata = withDefaults(given);
    expect(metadata).toMatchObject({
      token_endpoint_auth_method: 'private_key_jwt',
      require_pushed_authorization_requests: true,
      require_pkce: true,
      dpop_bound_access_tokens: true,
      id_token_signed_response_alg: 'ES256',
    });
    expect(() => requireSoundMetadata(metadata)).not.toThrow();
  });

  test.each<[string, Record<string, unknown>]>([
    ['token_endpoint_auth_method', { token_endpoint_auth_method: 'client_secret_basic' }],
    ['require_pushed_authorization_requests', { require_pushed_authorization_requests: false }],
    ['require_pkce', { require_pkce: false }],
    ['dpop_bound_access_tokens', { dpop_bound_access_tokens: false }],
    ['token_endpoint_audience', { token_endpoint_audience: true }],
    ['id_token_signed_response_alg', { id_token_signed_response_alg: 'RS256' }],
    ['authorization_code_ttl', { authorization_code_ttl: 61 }],
    ['grant_types', { grant_types: ['urn:ietf:params:oauth:grant-type:device_code'] }],
    ['redirect_uris[0]', { application_type: 'native', redirect_uris: ['com.example.app:/back'] }],
    ['jwks', { jwks: { keys: [{ ...key, alg: 'RS256' }] } }],
    ['jwks', { jwks: { keys: [{ ...key, crv: 'P-384' }] } }],
  ])('refuses a contradicting %s, and names it', (parameter, changed) => {
    expect(
      refusal(() => requireSoundMetadata(withDefaults({ ...given, ...changed }))),
    ).toMatchObject({ code: 'invalid_client_metadata', parameter });
  });

  test('reports every contradiction at once', () => {
    const metadata = withDefaults({ ...given, require_pkce: false, authorization_code_ttl: 300 });
    expect(refusal(() => requireSoundMetadata(metadata))).toMatchObject({
      details: [{ parameter: 'require_pkce' }, { parameter: 'authorization_code_ttl' }],
    });
  });

  test('allows a native client the loopback address (RFC 8252 §7.3)', () => {
    const redirect_uris = ['http://127.0.0.1/back'];
    const metadata = withDefaults({ ...given, application_type: 'native', redirect_uris });
    expect(() => requireSoundMetadata(metadata)).not.toThrow();
  });
});
