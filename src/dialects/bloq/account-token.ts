/** THE ACCOUNT TOKEN: `POST /auth` issues it, and only this token gives access to `/users/me`. */
import { decodeJwt } from 'jose';
import type { Context } from 'koa';
import { bloqLoginClientId } from '../../../config/clients.ts';
import type { FindToken } from '../../domain/tokens/find-by-value.ts';
import type { LastUsed } from '../../domain/tokens/last-used.ts';
import type { FindPrincipal } from '../../domain/tokens/principal.ts';
import { bearerIn } from '../../http/authorization.ts';
import type { OAuthError } from '../../oauth/errors.ts';
import { refuseToken } from './errors.ts';

/** A person who is logged in. */
export interface AccountCaller {
  accountId: string;
  /** The grant of the login. */
  loginId: string;
}

/** Reads the account token of a request. Throws `invalid_token` with Bloq's messages. */
export type ReadAccountToken = (ctx: Context) => Promise<AccountCaller>;

interface Dependencies {
  find: FindToken;
  findPrincipal: FindPrincipal;
  lastUsed: Pick<LastUsed, 'touchGrant'>;
}

export function createReadAccountToken({
  find,
  findPrincipal,
  lastUsed,
}: Dependencies): ReadAccountToken {
  return async (ctx) => {
    const value = bearerIn(ctx.get('authorization'));
    if (value === undefined) throw refuseToken('absent');
    const principal = await findPrincipal(value, 'self');
    if (!principal) throw await refusalOfToken(value, find);
    const { accountId, grantId, clientId } = principal.token;
    if (clientId !== bloqLoginClientId || accountId === null || grantId === null)
      throw refuseToken('audience');
    lastUsed.touchGrant(grantId);
    return { accountId, loginId: grantId };
  };
}

/**
 * The error for a token that is not active. A revoked token is reported as expired, because clients then get another. If
 * a token expired so long ago that Writ no longer stores it, its own `exp` decides; a forged `exp` gains nothing.
 */
export async function refusalOfToken(value: string, find: FindToken): Promise<OAuthError> {
  const found = await find(value);
  if (found) return refuseToken(found.alive ? 'audience' : 'expired');
  return refuseToken(claimsToBeExpired(value) ? 'expired' : 'invalid');
}

function claimsToBeExpired(value: string): boolean {
  try {
    const { exp } = decodeJwt(value);
    return typeof exp === 'number' && exp <= Date.now() / 1000;
  } catch {
    return false;
  }
}
