import { expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { mintToken, parsePublicId } from '../../../src/domain/tokens/value.ts';
import { makeParties } from '../../support/parties.ts';
import { onStack } from '../../support/stacks.ts';

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
const decode = (part = '') => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));

/** Replaces the last character with another. */
const misspelt = (text: string) => text.slice(0, -1) + (text.endsWith('x') ? 'y' : 'x');

onStack((stack) => {
  const thisWeek = () => Math.floor(Date.now() / 1000 / (7 * 86_400));

  test.each([
    ['a token that was never issued', () => mintToken('access_token', thisWeek()).value],
    ['a token of a partition that does not exist', () => mintToken('access_token', 61 ** 3).value],
    ['a token with a broken checksum', () => misspelt(mintToken('access_token', 0).value)],
    ['a client secret', () => `writ_cs_${'a'.repeat(49)}`],
    ['a public id', () => `tok_${'0'.repeat(25)}`],
    ['any other text', () => 'something else'],
    ['odd Unicode', () => '🗝️\u202e\ufeff'],
    ['dots', () => '..'],
    ['a lone surrogate', () => '\ud800'],
  ])('%s is inactive', async (_what, value) => {
    const { resourceServer } = await makeParties(stack());
    const answer = await stack().introspect(value(), resourceServer);
    expect(answer).toMatchObject({ status: 200, text: '{"active":false}' });
  });

  test.each(['opaque', 'jwt'] as const)('an expired token is inactive, %s', async (format) => {
    const { client, resourceServer, issue } = await makeParties(stack(), { format });
    const token = await issue();
    const { body } = await stack().introspect(token, resourceServer);
    await stack()
      .database.kysely.updateTable('token')
      .set({ expires_at: new Date(0) })
      .where('key', '=', parsePublicId(body.jti)?.key ?? Buffer.alloc(0))
      .execute();
    for (const asker of [client, resourceServer])
      expect((await stack().introspect(token, asker)).text).toBe('{"active":false}');
  });

  test('a token that was stored with a past expiry is inactive from the start', async () => {
    const { client, resource, resourceServer } = await makeParties(stack());
    const owner = await stack().domain.clients(client.id);
    if (!owner) throw new Error('the client no longer exists');
    const issue = async (expiresAt: number) => {
      const { value, id } = mintToken('access_token', thisWeek());
      await stack().domain.issue.insert({
        id,
        kind: 'access_token',
        client: owner.id,
        epochs: { client: owner.epoch, app: 0, account: 0, grant: 0 },
        audience: [resource],
        issuedAt: 0,
        expiresAt,
      });
      return stack().introspect(value, resourceServer);
    };
    const now = Math.floor(Date.now() / 1000);
    expect((await issue(now - 3_600)).text).toBe('{"active":false}');
    expect((await issue(now + 3_600)).body.active).toBe(true);
  });

  test('a JWT is inactive unless our own key signed exactly these bytes', async () => {
    const { resourceServer, issue } = await makeParties(stack(), { format: 'jwt' });
    const token = await issue();
    const [header = '', payload = '', signature = ''] = token.split('.');
    const claims = decode(payload);
    const { kid, alg, typ } = decode(header);
    const foreign = await generateKeyPair(alg);
    const { keys } = (await stack().get('/.well-known/openid-configuration/jwks')).body;
    const ours = keys.find((key: { kid: string }) => key.kid === kid);
    // The classic confusion: our public key as the secret of an HMAC.
    const confused = new TextEncoder().encode(JSON.stringify(ours));
    const forgeries = {
      'signed by another key under our kid': await new SignJWT(claims)
        .setProtectedHeader({ kid, alg, typ })
        .sign(foreign.privateKey),
      'signed by a key in its own header': await new SignJWT(claims)
        .setProtectedHeader({ alg, typ, jwk: await exportJWK(foreign.publicKey) })
        .sign(foreign.privateKey),
      'alg none': `${encode({ kid, alg: 'none', typ })}.${payload}.`,
      'an HMAC with our public key': await new SignJWT(claims)
        .setProtectedHeader({ kid, alg: 'HS256', typ })
        .sign(confused),
      'other claims under our signature': `${header}.${encode({ ...claims, sub: 'me' })}.${signature}`,
      'without its signature': `${header}.${payload}.`,
    };
    expect((await stack().introspect(token, resourceServer)).body.active).toBe(true);
    for (const [what, value] of Object.entries(forgeries)) {
      const { text } = await stack().introspect(value, resourceServer);
      expect({ what, text }).toEqual({ what, text: '{"active":false}' });
    }
  });
});
