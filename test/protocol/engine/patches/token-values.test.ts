import { describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { parsePublicId, parseToken } from '../../../../src/domain/tokens/value.ts';
import { modelsOf } from '../../../../src/protocol/engine/models.ts';
import { patchTokenValues } from '../../../../src/protocol/engine/patches/token-values.ts';
import { type Stock, stockProvider } from './support.ts';

const api = 'https://api.example';

/** Saves an access token of a client, opaque or JWT; returns its value and what the adapter got. */
async function issue({ provider, stored }: Stock, accessTokenFormat: 'opaque' | 'jwt') {
  const { ClientCredentials, ResourceServer } = modelsOf(provider);
  const token = new ClientCredentials({
    client: (await provider.Client.find('confidential')) as object,
    resourceServer: new ResourceServer(api, {
      scope: 'read',
      audience: api,
      accessTokenFormat,
      jwt: { sign: { alg: 'ES256' } },
    }),
    scope: 'read',
    expiresIn: 600,
  });
  const value = await token.save();
  const [key, payload] = [...stored].find(([id]) => id.startsWith('ClientCredentials ')) ?? [];
  return { value, id: key?.split(' ')[1], payload };
}

describe('generateTokenId', () => {
  it('of the engine chooses the format when the lifetime is known but not yet the expiry', async () => {
    const { provider } = await stockProvider();
    const { ClientCredentials } = modelsOf(provider);
    for (const accessTokenFormat of ['opaque', 'jwt'] as const) {
      const token = { expiration: 600, resourceServer: { accessTokenFormat } };
      const id = ClientCredentials.prototype.generateTokenId.call(token as never);
      expect(id).toMatch(/^[\w-]{21,}$/);
      expect(token).toHaveProperty('format', accessTokenFormat);
      expect(token).not.toHaveProperty('exp');
    }
  });

  it('of Writ returns the value, which is the id under which a token is stored', async () => {
    const stock = await stockProvider();
    patchTokenValues(stock.provider);
    const { value, id } = await issue(stock, 'opaque');
    expect(parseToken(value)?.kind).toBe('access_token');
    expect(id).toBe(value);
  });

  it('of Writ gives refresh tokens values of their kind', async () => {
    const { provider } = await stockProvider();
    patchTokenValues(provider);
    const { RefreshToken } = modelsOf(provider);
    const value = RefreshToken.prototype.generateTokenId.call({ expiration: 600 } as never);
    expect(parseToken(value)?.kind).toBe('refresh_token');
  });
});

describe('getValueAndPayload', () => {
  it('of the engine has a payload to store for an opaque token, and none for a JWT', async () => {
    expect((await issue(await stockProvider(), 'opaque')).payload).toMatchObject({ scope: 'read' });
    expect(await issue(await stockProvider(), 'jwt')).toEqual({
      value: expect.stringMatching(/^eyJ/),
      id: undefined,
      payload: undefined,
    });
  });

  it('of Writ has one for a JWT as well: under its jti, with its key and its digest', async () => {
    const stock = await stockProvider();
    patchTokenValues(stock.provider);
    const { value, id, payload } = await issue(stock, 'jwt');
    const { jti, exp } = decodeJwt(value);
    expect(id).toBe(jti);
    expect(parsePublicId(jti as string)).toBeDefined();
    expect(payload).toMatchObject({
      scope: 'read',
      clientId: 'confidential',
      aud: api,
      exp,
      kid: decodeProtectedHeader(value).kid,
      digest: expect.any(Buffer),
    });
  });
});

describe('Grant.prototype.generateTokenId', () => {
  it('of the engine is random, of Writ a UUID', async () => {
    const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
    const { provider } = await stockProvider();
    const id = () => new provider.Grant({ clientId: 'confidential', accountId: 'x' }).save();
    expect(await id()).not.toMatch(uuid);
    patchTokenValues(provider);
    expect(await id()).toMatch(uuid);
  });
});
