import type { Context } from 'koa';
import type { ApiScope } from '../../config/scopes.ts';
import type { LastUsed } from '../domain/last-used.ts';
import type { JwtVerifier } from '../domain/tokens/jwt.ts';
import type { TokenLookup } from '../domain/tokens/lookup.ts';
import { parseToken } from '../domain/tokens/value.ts';
import { OAuthError } from '../oauth/errors.ts';
import { scopeTokens } from '../oauth/names.ts';

/** Who calls the API. */
export interface Principal {
  clientId: string;
  scopes: ReadonlySet<string>;
}

export type Authenticate = (ctx: Context, scope: ApiScope) => Promise<Principal>;

interface Dependencies {
  lookup: TokenLookup;
  verifyJwt: JwtVerifier;
  lastUsed: LastUsed;
  /** The only audience that opens the API. */
  audience: string;
}

/** Bearer authentication (RFC 6750 §2.1): an active token whose audience is this API, with the scope of the operation. */
export function createAuthenticate({
  lookup,
  verifyJwt,
  lastUsed,
  audience,
}: Dependencies): Authenticate {
  return async (ctx, scope) => {
    const [, value] = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i.exec(ctx.get('authorization')) ?? [];
    if (!value)
      throw challenge(
        ctx,
        new OAuthError(
          'invalid_token',
          'Send an API key or an access token: Authorization: Bearer TOKEN',
        ),
      );
    const id = value.includes('.') ? await verifyJwt(value) : parseToken(value)?.id;
    const state = id && (await lookup(id));
    const accepted =
      state?.alive && state.kind !== 'refresh_token' && state.audience?.includes(audience);
    if (!accepted)
      throw challenge(
        ctx,
        new OAuthError('invalid_token', 'The token is not active, or not for this API.'),
      );
    const scopes = new Set(scopeTokens(state.scope));
    if (!scopes.has(scope))
      throw challenge(
        ctx,
        new OAuthError('insufficient_scope', `This operation needs the scope ${scope}.`),
        scope,
      );
    if (state.kind === 'api_key') lastUsed.touchToken(state.id);
    return { clientId: state.clientId, scopes };
  };
}

function challenge(ctx: Context, error: OAuthError, scope?: string): OAuthError {
  const parameters = ctx.get('authorization')
    ? ` error="${error.code}", error_description="${error.message}"${scope ? `, scope="${scope}"` : ''}`
    : '';
  ctx.set('WWW-Authenticate', `Bearer${parameters}`);
  return error;
}
