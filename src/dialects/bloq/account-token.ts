/** THE ACCOUNT TOKEN: what `POST /auth` gives, and the only one that opens what is under `/users/me`. */
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

/** Reads the account token of a request. Throws `invalid_token` in Bloq's words. */
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
 * Why a token that is not active is refused. A revoked one is called expired: that is when clients get another. What
 * expired so long ago that Writ has forgotten it is expired by its own word, which gives nothing to a caller who lies.
 */
export async function refusalOfToken(value: string, find: FindToken): Promise<OAuthError> {
  const found = await find(value);
  if (found) return refuseToken(found.alive ? 'audience' : 'expired');
  return refuseToken(saysThatItExpired(value) ? 'expired' : 'invalid');
}

function saysThatItExpired(value: string): boolean {
  try {
    const { exp } = decodeJwt(value);
    return typeof exp === 'number' && exp <= Date.now() / 1000;
  } catch {
    return false;
  }
}
