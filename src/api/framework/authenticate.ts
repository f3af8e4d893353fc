import type { Context } from 'koa';
import type { FindPrincipal, Principal } from '../../domain/tokens/principal.ts';
import { isNamedToken } from '../../domain/tokens/value.ts';
import { bearerChallenge, bearerIn } from '../../http/authorization.ts';
import { tokenExpiration, tokenExpirationHeader } from '../../http/token-expiration.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Operation } from './operation.ts';

/** Throws `invalid_token`. With the access `self` any active token will do, whatever it is for. */
export type Authenticate = (ctx: Context, access?: 'self') => Promise<Principal>;

/** Bearer authentication (RFC 6750 §2.1) with a token that opens Writ's own API. */
export const createAuthenticate =
  (findPrincipal: FindPrincipal): Authenticate =>
  async (ctx, access) => {
    const value = bearerOf(ctx);
    if (!value)
      throw challenge(
        ctx,
        new OAuthError(
          'invalid_token',
          'Send an API key or an access token: Authorization: Bearer TOKEN',
        ),
      );
    const principal = await findPrincipal(value, access);
    if (!principal)
      throw challenge(
        ctx,
        new OAuthError('invalid_token', 'The token is not active, or not for this API.'),
      );
    const { token } = principal;
    const expiration = isNamedToken(token.kind) && tokenExpiration(token.expiresAt);
    if (expiration) ctx.set(tokenExpirationHeader, expiration);
    return principal;
  };

/** The token in the header; nothing where there is none. */
export const bearerOf = (ctx: Context): string | undefined => bearerIn(ctx.get('authorization'));

/**
 * Throws `insufficient_scope` (RFC 6750 §3.1), with the scope to ask for. An API key of a client opens
 * only what is made for such keys: a scope gives whoever else has it more than the tokens of one client.
 */
export function requireScope(
  ctx: Context,
  { scopes, tokenActor }: Principal,
  { scope, apiKeys }: Pick<Operation, 'scope' | 'apiKeys'>,
): void {
  if (scope === undefined || !scopes.has(scope))
    throw challenge(
      ctx,
      new OAuthError('insufficient_scope', `This operation needs the scope ${scope}.`),
      scope,
    );
  if (tokenActor.kind === 'client' && !apiKeys)
    throw challenge(
      ctx,
      new OAuthError(
        'insufficient_scope',
        'An API key of a client opens the operations on tokens alone.',
      ),
    );
}

function challenge(ctx: Context, error: OAuthError, scope?: string): OAuthError {
  ctx.set('WWW-Authenticate', bearerChallenge(ctx.get('authorization'), error, { scope }));
  return error;
}
