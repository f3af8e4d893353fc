import type { Context } from 'koa';
import type { FindPrincipal, Principal } from '../../domain/tokens/principal.ts';
import { isNamedToken } from '../../domain/tokens/value.ts';
import { bearerChallenge, bearerIn } from '../../http/authorization.ts';
import { tokenExpiration, tokenExpirationHeader } from '../../http/token-expiration.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Operation } from './operation.ts';

/** Throws `invalid_token`. With access `self`, accepts any active token, whatever its audience. */
export type Authenticate = (ctx: Context, access?: 'self') => Promise<Principal>;

/** Bearer authentication (RFC 6750 §2.1) with a token for Writ's own API. */
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
        new OAuthError('invalid_token', 'The token is not active, or not a token for this API.'),
      );
    const { token } = principal;
    const expiration = isNamedToken(token.kind) && tokenExpiration(token.expiresAt);
    if (expiration) ctx.set(tokenExpirationHeader, expiration);
    return principal;
  };

/** The token in the `Authorization` header; undefined without one. */
export const bearerOf = (ctx: Context): string | undefined => bearerIn(ctx.get('authorization'));

/**
 * Throws `insufficient_scope` (RFC 6750 §3.1) with the required scope. API keys of clients can call only the
 * operations that are declared for them, because other operations do not limit their caller to one client.
 */
export function requireScope(
  ctx: Context,
  { scopes, tokenActor }: Principal,
  { scope, apiKeys }: Pick<Operation, 'scope' | 'apiKeys'>,
): void {
  if (scope === undefined || !scopes.has(scope))
    throw challenge(
      ctx,
      new OAuthError('insufficient_scope', `This operation requires the scope ${scope}.`),
      scope,
    );
  if (tokenActor.kind === 'client' && !apiKeys)
    throw challenge(
      ctx,
      new OAuthError(
        'insufficient_scope',
        'An API key of a client can call only the operations on tokens.',
      ),
    );
}

function challenge(ctx: Context, error: OAuthError, scope?: string): OAuthError {
  ctx.set('WWW-Authenticate', bearerChallenge(ctx.get('authorization'), error, { scope }));
  return error;
}
