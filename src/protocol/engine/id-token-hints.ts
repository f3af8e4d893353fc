import { decodeJwt } from 'jose';
import type { Provider } from 'oidc-provider';
import { storedClientId } from '../../domain/clients/lookup.ts';
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
    const audience = audienceOf(hint);
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
    const clientId = audienceOf(value);
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
