import type { Context } from 'koa';
import { effectiveScope } from '../domain/tokens/effective-scope.ts';
import { type Rights, rightsOf } from '../domain/tokens/entitlements.ts';
import type { FindToken } from '../domain/tokens/find-by-value.ts';
import type { LastUsed } from '../domain/tokens/last-used.ts';
import { isSenderConstrained } from '../domain/tokens/sender-constraint.ts';
import type { TokenState } from '../domain/tokens/token-state.ts';
import { isNamedToken } from '../domain/tokens/value.ts';
import { bearerIn } from '../http/authorization.ts';
import { tokenExpiration, tokenExpirationHeader } from '../http/token-expiration.ts';
import { bearerChallenge } from '../oauth/challenges.ts';
import { OAuthError } from '../oauth/errors.ts';
import { allows } from '../oauth/permissions.ts';
import { scopeTokens } from '../oauth/scope.ts';
import { permits, type ThingAction } from './details.ts';

export interface Authorization {
  find: FindToken;
  lastUsed: Pick<LastUsed, 'touchToken'>;
  /** The audience that a token must have. */
  resource: string;
  /** The resource of Writ's own API, whose scopes are limited in another way. */
  apiResource: string;
}

/** What an operation needs: a scope that was granted, and a permission of a role. */
export interface Needs {
  scope: string;
  permission: string;
}

/**
 * Bearer authentication (RFC 6750 §2.1) as every resource server should do it: an active token for this API, with the
 * scope and the entitlements that the operation needs. Returns its state and rights. For a token with a name, a header
 * says when it expires.
 */
export async function authorize(
  ctx: Context,
  { find, lastUsed, resource, apiResource }: Authorization,
  { scope, permission }: Needs,
): Promise<TokenState & { rights: Rights }> {
  const refuse = (code: RefusalCode, message: string, needed?: string) =>
    challenge(ctx, new OAuthError(code, message), { realm: resource, scope: needed });
  const value = bearerIn(ctx.get('authorization'));
  if (!value) throw refuse('invalid_token', 'Send an access token: Authorization: Bearer TOKEN');
  const state = await find(value);
  if (!state?.alive || state.consumed || !isAccessToken(state))
    throw refuse('invalid_token', 'The token is not active.');
  if (!state.audience?.includes(resource))
    throw refuse(
      'invalid_token',
      `The token is not for this API. Request one for the resource ${resource}.`,
    );
  if (isNamedToken(state.kind)) {
    lastUsed.touchToken(state.id);
    const expiration = tokenExpiration(state.expiresAt);
    if (expiration) ctx.set(tokenExpirationHeader, expiration);
  }
  const has = scopeTokens(effectiveScope(state, apiResource));
  if (!has.includes(scope))
    throw refuse(
      'insufficient_scope',
      `This needs the scope ${scope}; the token has ${listOf(has, 'no scope')}.`,
      scope,
    );
  const rights = rightsOf(state);
  if (!allows(rights.entitlements, permission))
    throw refuse(
      'insufficient_scope',
      `This needs the permission ${permission}, which the token does not have; its roles: ${listOf(rights.roles, 'none')}.`,
    );
  return { ...state, rights };
}

/** Throws `insufficient_scope` if the authorization details of a token do not permit an action, whether the thing exists or not. */
export function requirePermitted(
  ctx: Context,
  { resource }: Pick<Authorization, 'resource'>,
  state: TokenState,
  action: ThingAction,
): void {
  if (permits(state, action)) return;
  const what = action.id === undefined ? 'things in general' : 'this thing';
  throw challenge(
    ctx,
    new OAuthError(
      'insufficient_scope',
      `The authorization_details of the token do not allow it to ${action.action} ${what}.`,
    ),
    { realm: resource },
  );
}

/** Neither a refresh token nor an API key, and not bound to a key or a certificate. */
const isAccessToken = (state: TokenState): boolean =>
  state.kind !== 'refresh_token' && state.kind !== 'api_key' && !isSenderConstrained(state);

const listOf = (names: string[], none: string): string => names.join(', ') || none;

type RefusalCode = 'invalid_token' | 'insufficient_scope';

function challenge(
  ctx: Context,
  error: OAuthError,
  protection: { realm: string; scope?: string | undefined },
): OAuthError {
  ctx.set('WWW-Authenticate', bearerChallenge(ctx.get('authorization'), error, protection));
  return error;
}
