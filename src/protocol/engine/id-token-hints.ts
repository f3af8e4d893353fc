import {
  type CryptoKey,
  compactVerify,
  decodeJwt,
  decodeProtectedHeader,
  importJWK,
  type JWK,
} from 'jose';
import type { Provider } from 'oidc-provider';
import { storedClientId } from '../../domain/clients/lookup.ts';
import { publicHalf } from '../../domain/keys/signing-keys.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { VerifyIdToken } from '../token/presented-token.ts';
import { fromEngine } from './errors.ts';
import { modelsOf } from './models.ts';

/** An ID token that this server issued, expired or not. */
export interface IdTokenHint {
  clientId: string;
  sid: string | undefined;
  /** Whether it is about this account. A client can know people under identifiers of its own (Core §8.1). */
  isAbout(accountId: string): Promise<boolean>;
}

const refused = (cause?: unknown) =>
  new OAuthError('invalid_request', 'The id_token_hint is not an ID token of this server.', {
    parameter: 'id_token_hint',
    cause,
  });

/**
 * Verifies the `id_token_hint` of a logout request (OpenID Connect RP-Initiated Logout 1.0 §2, §4). `clientId` is the one that
 * the request names, if any. Throws `invalid_request`.
 */
export const createVerifyIdTokenHint =
  (provider: () => Provider) =>
  async (hint: string, clientId: string | undefined): Promise<IdTokenHint> => {
    const { Client, IdToken } = modelsOf(provider());
    const audience = (await isSignedHere(provider(), hint)) ? audienceOf(hint) : undefined;
    const client =
      audience === undefined ? undefined : await fromEngine(() => Client.find(audience), refused);
    if (!client) throw refused();
    if (clientId !== undefined && storedClientId(clientId) !== client.clientId)
      throw new OAuthError(
        'invalid_request',
        'The id_token_hint was issued to another client than client_id.',
        { parameter: 'client_id' },
      );
    const claims = await IdToken.validate(hint, client).then(
      ({ payload }) => payload,
      (cause: unknown) => {
        throw refused(cause);
      },
    );
    return {
      clientId: client.clientId,
      sid: typeof claims['sid'] === 'string' ? claims['sid'] : undefined,
      async isAbout(accountId) {
        const token = new IdToken({ sub: accountId }, { client, ctx: undefined });
        token.mask = { sub: null };
        return (await token.payload())['sub'] === claims['sub'];
      },
    };
  };

/** Verifies an ID token that a client exchanges (RFC 8693): one of this server that has not expired. */
export const createVerifyIdToken =
  (provider: Provider): VerifyIdToken =>
  async (value) => {
    const { Client, IdToken } = modelsOf(provider);
    const clientId = (await isSignedHere(provider, value)) ? audienceOf(value) : undefined;
    const client = clientId === undefined ? undefined : await Client.find(clientId);
    if (!client) return undefined;
    const claims = await IdToken.validate(value, client).then(
      ({ payload }) => payload,
      () => undefined,
    );
    const { exp } = claims ?? {};
    return claims && typeof exp === 'number' && exp > Date.now() / 1000
      ? { clientId: client.clientId, claims }
      : undefined;
  };

/** The public keys of each engine, which are fixed: what verifies its ID tokens. */
const publicKeys = new WeakMap<Provider, readonly JWK[]>();
const imported = new WeakMap<JWK, Promise<CryptoKey | Uint8Array>>();

/** Keeps the keys of an engine, so that its ID tokens are verified before anything in them is used. */
export const rememberKeys = (provider: Provider, keys: readonly JWK[]): void => {
  publicKeys.set(provider, keys.map(publicHalf));
};

/**
 * Whether an engine has signed a JWT. To read a client can mean to fetch its document, which no stranger causes by a token of their
 * own making.
 */
async function isSignedHere(provider: Provider, jwt: string): Promise<boolean> {
  try {
    const { alg, kid } = decodeProtectedHeader(jwt);
    const key = publicKeys.get(provider)?.find((each) => each.kid === kid && each.alg === alg);
    if (!key || alg === undefined) return false;
    const known = imported.get(key) ?? importJWK(key, alg);
    imported.set(key, known);
    await compactVerify(jwt, await known, { algorithms: [alg] });
    return true;
  } catch {
    return false;
  }
}

/** The client that an ID token claims to be for. */
function audienceOf(hint: string): string | undefined {
  try {
    const { aud } = decodeJwt(hint);
    return typeof aud === 'string' ? aud : aud?.length === 1 ? aud[0] : undefined;
  } catch {
    return undefined;
  }
}

export type VerifyIdTokenHint = ReturnType<typeof createVerifyIdTokenHint>;
