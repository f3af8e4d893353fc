/**
 * A TOKEN SOURCE gives an API's caller a valid access token whenever it needs one. It asks the server once however many
 * callers wait, renews a token before it expires, and replaces one that an API refused.
 */
import { grantTypes } from '../../oauth/grant-types.ts';
import { memoryStore } from './memory-store.ts';
import { discover, type Endpoints, postForm, tokensOf } from './requests.ts';
import {
  type ClientOptions,
  isTransient,
  TokenError,
  type TokenStore,
  type Tokens,
} from './types.ts';

export interface TokenSource {
  /**
   * A valid access token. Throws TokenError if the server refuses one, and the error of `fetch` if it cannot be reached and
   * there is no token that is still valid.
   */
  token(): Promise<string>;
  /** Says that an API refused this token: the next call of `token` gets another one. */
  refused(accessToken: string): void;
}

/** Gets the next tokens; `current` are those that the store has. */
type Renew = (current: Tokens | undefined) => Promise<Tokens>;

/** A token source for a program that acts for itself (RFC 6749 §4.4). */
export function clientCredentials(
  options: ClientOptions & { store?: TokenStore | undefined },
): TokenSource {
  const endpoints = once(() => discover(options));
  return createTokenSource(options.store, async () =>
    tokensOf(
      await postForm((await endpoints()).token, options, {
        grant_type: grantTypes.clientCredentials,
        scope: options.scope,
        resource: options.resource,
      }),
    ),
  );
}

/**
 * A token source for a login, by its refresh token (RFC 6749 §6). The store must have the tokens of the login, as
 * `deviceLogin` returns them. Once the server refuses the refresh token, `token` throws a TokenError with the code
 * `invalid_grant`: the person has to log in again.
 */
export function savedLogin(options: ClientOptions & { store: TokenStore }): TokenSource {
  const endpoints = once(() => discover(options));
  return createTokenSource(options.store, async (current) => {
    if (!current?.refreshToken)
      throw new TokenError('The login has no refresh token: log in again.', {
        status: 0,
        code: 'invalid_grant',
      });
    const response = await postForm((await endpoints()).token, options, {
      grant_type: grantTypes.refreshToken,
      refresh_token: current.refreshToken,
      resource: options.resource,
    });
    return tokensOf(response, current);
  });
}

function createTokenSource(store: TokenStore = memoryStore(), renew: Renew): TokenSource {
  let running: Promise<string> | undefined;
  /** A token that an API refused. */
  let refused: string | undefined;

  /** The access token, unless it was refused or its time has come. */
  const usable = (tokens: Tokens | undefined, until: 'renewAt' | 'expiresAt') => {
    const end = tokens?.[until];
    const isOver = end !== undefined && Date.now() >= end;
    return isOver || tokens?.accessToken === refused ? undefined : tokens?.accessToken;
  };

  const exclusively: NonNullable<TokenStore['exclusively']> = (work) =>
    store.exclusively ? store.exclusively(work) : work();

  const find = async (): Promise<string> => {
    const stored = await store.read();
    const fresh = usable(stored, 'renewAt');
    if (fresh !== undefined) return fresh;
    let isRenewed = false;
    try {
      return await exclusively(async () => {
        const current = await store.read();
        const found = usable(current, 'renewAt');
        if (found !== undefined) return found;
        const next = await renew(current);
        isRenewed = true;
        await store.write(next);
        return next.accessToken;
      });
    } catch (error) {
      // A server or a store that is away for a moment does not take a token away that is still valid.
      const left = !isRenewed && isPassing(error) ? usable(stored, 'expiresAt') : undefined;
      if (left !== undefined) return left;
      throw error;
    }
  };

  return {
    token() {
      running ??= find().finally(() => {
        running = undefined;
      });
      return running;
    },
    refused(accessToken) {
      refused = accessToken;
    },
  };
}

const isPassing = (error: unknown): boolean => !(error instanceof TokenError) || isTransient(error);

/** Remembers the result of the first call that succeeds. */
function once(read: () => Promise<Endpoints>): () => Promise<Endpoints> {
  let found: Promise<Endpoints> | undefined;
  return () => {
    found ??= read().catch((error) => {
      found = undefined;
      throw error;
    });
    return found;
  };
}
