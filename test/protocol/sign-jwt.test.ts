import { expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, jwtVerify } from 'jose';
import { createSignJwt } from '../../src/protocol/sign-jwt.ts';

const header = { alg: 'ES256', typ: 'at+jwt' };

test.each(['ES256', 'EdDSA', 'RS256'])(
  'a JWT has a signature that other implementations verify, whatever its numbers begin with, %s',
  async (alg) => {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const jwk = { ...(await exportJWK(privateKey)), alg, kid: 'one' };
    const signJwt = createSignJwt(() => [jwk]);
    // One number in 256 begins with a zero, and every second one has its first bit set.
    for (let n = 0; n < (alg === 'ES256' ? 1_500 : 3); n++) {
      const signed = await signJwt({ ...header, alg }, { n });
      const { payload, protectedHeader } = await jwtVerify(signed?.value ?? '', publicKey);
      expect([payload, protectedHeader]).toEqual([{ n }, { ...header, alg, kid: 'one' }]);
    }
  },
);

test('a JWT has the type that was asked for, and the current key', async () => {
  const keys = await Promise.all(
    ['one', 'two'].map(async (kid) => {
      const { privateKey } = await generateKeyPair('ES256', { extractable: true });
      return { ...(await exportJWK(privateKey)), alg: 'ES256', kid };
    }),
  );
  let current = keys.slice(0, 1);
  const signJwt = createSignJwt(() => current);
  const headerOf = async (typ: string) => {
    const signed = await signJwt({ alg: 'ES256', typ }, {});
    return JSON.parse(Buffer.from(signed?.value.split('.')[0] ?? '', 'base64url').toString());
  };
  for (const typ of ['at+jwt', 'secevent+jwt', 'at+jwt'])
    expect(await headerOf(typ)).toEqual({ alg: 'ES256', typ, kid: 'one' });
  current = keys.slice(1);
  expect(await headerOf('at+jwt')).toEqual({ ...header, kid: 'two' });
  expect(createSignJwt(() => [])(header, {})).toBeUndefined();
});
