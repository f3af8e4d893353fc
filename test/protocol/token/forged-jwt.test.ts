import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import { generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { createKeyring } from '../../../src/crypto/sealing.ts';
import { openSigningKeys, publicHalf } from '../../../src/domain/keys/signing-keys.ts';
import type { Credentials } from '../../support/http.ts';
import { onStack, secretKey } from '../../support/stacks.ts';
import { createResource, now } from './support.ts';

interface Material {
  /** An issued, active token. */
  value: string;
  claims: JWTPayload;
  key: JWK;
}

const sign = async (
  { key }: Pick<Material, 'key'>,
  claims: JWTPayload,
  header: Record<string, unknown> = {},
) =>
  new SignJWT(claims)
    .setProtectedHeader({ typ: 'at+jwt', alg: 'ES256', kid: String(key.kid), ...header })
    .sign(await importJWK(key, 'ES256'));

const withPart = (value: string, place: number, part: object): string =>
  value
    .split('.')
    .map((old, index) =>
      index === place ? Buffer.from(JSON.stringify(part)).toString('base64url') : old,
    )
    .join('.');

/** Each has the `jti` of an active token, so only the verification of the JWT can refuse it. */
const forgeries: Record<string, (material: Material) => Promise<string> | string> = {
  'with the algorithm none': ({ claims }) => new UnsecuredJWT(claims).encode(),
  'with the algorithm none and the right type and key id': ({ value, key }) =>
    `${withPart(value, 0, { typ: 'at+jwt', alg: 'none', kid: key.kid }).split('.').slice(0, 2).join('.')}.`,
  'signed by another key under our key id': async ({ claims, key }) =>
    new SignJWT(claims)
      .setProtectedHeader({ typ: 'at+jwt', alg: 'ES256', kid: String(key.kid) })
      .sign((await generateKeyPair('ES256')).privateKey),
  'with its own key in the header': async ({ claims }) => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = await crypto.subtle.exportKey('jwk', publicKey);
    return new SignJWT(claims)
      .setProtectedHeader({ typ: 'at+jwt', alg: 'ES256', jwk: jwk as JWK })
      .sign(privateKey);
  },
  'signed with our public key as the secret of an HMAC': async ({ claims, key }) => {
    const publicKey = createPublicKey({ key: publicHalf(key) as JsonWebKey, format: 'jwk' });
    return new SignJWT(claims)
      .setProtectedHeader({ typ: 'at+jwt', alg: 'HS256', kid: String(key.kid) })
      .sign(Buffer.from(publicKey.export({ type: 'spki', format: 'pem' })));
  },
  'of a foreign issuer': (material) =>
    sign(material, { ...material.claims, iss: 'https://other.example' }),
  'without issuer': ({ claims: { iss: _iss, ...claims }, key }) => sign({ key }, claims),
  'that is expired': (material) =>
    sign(material, { ...material.claims, iat: now() - 120, exp: now() - 60 }),
  'that is not valid yet': (material) => sign(material, { ...material.claims, nbf: now() + 300 }),
  'whose payload was changed': ({ value, claims }) =>
    withPart(value, 1, { ...claims, scope: 'things:write' }),
  'whose signature was changed': ({ value }) =>
    value.slice(0, -10) + (value.at(-10) === 'A' ? 'B' : 'A') + value.slice(-9),
  'whose signature is missing': ({ value }) => `${value.split('.').slice(0, 2).join('.')}.`,
  'of another type': (material) => sign(material, material.claims, { typ: 'JWT' }),
  'without a type': (material) => sign(material, material.claims, { typ: undefined }),
  'under an unknown key id': (material) => sign(material, material.claims, { kid: 'unknown' }),
  'without a key id': (material) => sign(material, material.claims, { kid: undefined }),
  'with an unknown critical header': ({ value, key }) =>
    withPart(value, 0, { typ: 'at+jwt', alg: 'ES256', kid: key.kid, crit: ['exp'], exp: 1 }),
  'that names no token': ({ claims: { jti: _jti, ...claims }, key }) => sign({ key }, claims),
  'that names a token that was never issued': (material) =>
    sign(material, { ...material.claims, jti: `tok_${'0'.repeat(25)}` }),
  'whose jti is not a string': (material) =>
    sign(material, { ...material.claims, jti: { $ne: null } as never }),
  'with an extra part': ({ value }) => `${value}.e30`,
  'of nothing but dots': () => '....',
};

onStack((stack) => {
  let material: Material;
  let client: Credentials;
  beforeAll(async () => {
    const resource = await createResource(stack(), { token_format: 'jwt' });
    client = await stack().api.createClient({ resources: [resource] });
    const { body } = await stack().token(client, { scope: 'things:read' });
    const [, payload = ''] = body.access_token.split('.');
    const keys = await openSigningKeys(stack().database.kysely, createKeyring([secretKey]));
    material = {
      value: body.access_token,
      claims: JSON.parse(Buffer.from(payload, 'base64url').toString()),
      key: keys.find(({ alg }) => alg === 'ES256') as JWK,
    };
  });

  test('an issued JWT is active; the same claims, signed again with a stolen key of ours, are not', async () => {
    expect((await stack().introspect(material.value, client)).body.active).toBe(true);
    const again = await sign(material, material.claims);
    expect((await stack().introspect(again, client)).body).toEqual({ active: false });
  });

  test.each(Object.entries(forgeries))(
    'a JWT %s is inactive, revokes nothing and gives no access',
    async (_name, forge) => {
      const forged = await forge(material);
      const introspected = await stack().introspect(forged, client);
      expect(introspected).toMatchObject({ status: 200, body: { active: false } });
      expect(Object.keys(introspected.body)).toEqual(['active']);
      const authorization = `Bearer ${forged}`;
      for (const path of ['/api/v1/clients', '/connect/userinfo'])
        expect((await stack().get(path, { authorization })).status).toBe(401);
      expect((await stack().revoke(forged, client)).status).toBe(200);
      expect((await stack().introspect(material.value, client)).body.active).toBe(true);
    },
  );
});
