import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Stack } from '../../support/stacks.ts';
import { unique } from '../../support/stacks.ts';

export const thingsRead = { name: 'things:read', description: 'See your things' };
export const thingsWrite = { name: 'things:write', description: 'Change your things' };

/** A resource with a name that no other test uses. */
export async function createResource(
  { api }: Pick<Stack, 'api'>,
  given: Record<string, unknown> = {},
): Promise<string> {
  const identifier = `https://${unique('api')}.example`;
  await api.createResource({ identifier, scopes: [thingsRead, thingsWrite], ...given });
  return identifier;
}

/** The number of tokens that the server has stored. */
export async function storedTokens({ database }: Pick<Stack, 'database'>): Promise<number> {
  const { count } = await database.kysely
    .selectFrom('token')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

export const now = (): number => Math.floor(Date.now() / 1000);

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** A client that authenticates with private_key_jwt (RFC 7523), and signs for itself. */
export async function createSigningClient(
  { api, issuer }: Pick<Stack, 'api' | 'issuer'>,
  given: Record<string, unknown> = {},
) {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const publicJwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  const { id } = await api.createClient({
    client_id: unique('signing'),
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [publicJwk] },
    ...given,
  });
  const claims = (changed: Record<string, unknown> = {}) => ({
    iss: id,
    sub: id,
    aud: issuer,
    jti: randomUUID(),
    iat: now(),
    exp: now() + 60,
    ...changed,
  });
  return {
    id,
    privateKey,
    publicJwk,
    claims,
    /** A new assertion, with changed claims. */
    assert: (changed: Record<string, unknown> = {}): Promise<string> =>
      new SignJWT(claims(changed))
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .sign(privateKey),
  };
}

/** The form parameters of an assertion. */
export const asserted = (assertion: string): Record<string, string> => ({
  client_assertion_type: assertionType,
  client_assertion: assertion,
});
