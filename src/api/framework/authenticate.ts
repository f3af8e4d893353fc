import type { Context } from 'koa';
import { operatorClientId } from '../../../config/clients.ts';
import { administratorRole } from '../../../config/roles.ts';
import type { AppActor } from '../../domain/apps/types.ts';
import type { ClientLookup } from '../../domain/clients/lookup.ts';
import type { Caller } from '../../domain/roles/management-actor.ts';
import { effectiveScope } from '../../domain/tokens/effective-scope.ts';
import type { FindToken } from '../../domain/tokens/find-by-value.ts';
import type { LastUsed } from '../../domain/tokens/last-used.ts';
import type { TokenActor } from '../../domain/tokens/named/types.ts';
import { isSenderConstrained } from '../../domain/tokens/sender-constraint.ts';
import type { TokenState } from '../../domain/tokens/token-state.ts';
import { isNamedToken, publicId } from '../../domain/tokens/value.ts';
import { bearerChallenge, bearerIn } from '../../http/authorization.ts';
import { tokenExpiration, tokenExpirationHeader } from '../../http/token-expiration.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import type { Operation } from './operation.ts';
import type { Authenticate, Principal } from './principal.ts';

interface Dependencies {
  find: FindToken;
  clients: ClientLookup;
  lastUsed: LastUsed;
  /** The only audience that opens the API. */
  audience: string;
}

/**
 * Bearer authentication (RFC 6750 §2.1): an active token whose audience is this API, of a client that
 * may have it today, or an API key. What it opens is its scope within its owner's of today: a person's
 * token opens nothing but the person's own apps unless the person is an administrator.
 */
export function createAuthenticate({
  find,
  clients,
  lastUsed,
  audience,
}: Dependencies): Authenticate {
  const isForApi = async ({ kind, audience: audiences, app, clientId }: TokenState) => {
    if (!audiences?.includes(audience)) return false;
    if (kind === 'api_key') return true;
    // Whoever makes an app decides what its roles are called.
    return app === null && (await clients(clientId))?.resources.includes(audience) === true;
  };

  return async (ctx, access) => {
    const value = bearerOf(ctx);
    if (!value)
      throw challenge(
        ctx,
        new OAuthError(
          'invalid_token',
          'Send an API key or an access token: Authorization: Bearer TOKEN',
        ),
      );
    const state = await find(value);
    if (!state || !isActiveBearer(state) || !(access === 'self' || (await isForApi(state))))
      throw challenge(
        ctx,
        new OAuthError('invalid_token', 'The token is not active, or not for this API.'),
      );
    if (isNamedToken(state.kind)) {
      lastUsed.touchToken(state.id);
      const expiration = tokenExpiration(state.expiresAt);
      if (expiration) ctx.set(tokenExpirationHeader, expiration);
    }
    const scopes = new Set(scopeTokens(effectiveScope(state, audience)));
    const actor: Omit<Caller, 'scopes'> = {
      ...(state.accountId === null
        ? { kind: 'client', id: state.clientId }
        : { kind: 'account', id: state.accountId }),
      tokenId: publicId(state.id),
    };
    return {
      actor,
      clientId: state.clientId,
      scopes,
      managementActor: { ...actor, scopes },
      appActor: appActorOf(state),
      tokenActor: tokenActorOf(state, scopes),
      token: state,
    };
  };
}

/** The token in the header; nothing where there is none. */
export const bearerOf = (ctx: Context): string | undefined => bearerIn(ctx.get('authorization'));

/** A refresh token is for the token endpoint alone (RFC 6749 §1.5). */
const isActiveBearer = (state: TokenState): boolean =>
  state.alive && state.kind !== 'refresh_token' && !isSenderConstrained(state);

const appActorOf = ({ accountId, roles }: TokenState): AppActor =>
  accountId === null || roles.some(([name]) => name === administratorRole)
    ? { kind: 'operator' }
    : { kind: 'account', accountId };

const tokenActorOf = (
  { id, kind, clientId }: TokenState,
  scopes: ReadonlySet<string>,
): TokenActor =>
  kind === 'api_key' && clientId !== operatorClientId
    ? { kind: 'client', clientId }
    : {
        kind: 'operator',
        clientId,
        tokenId: publicId(id),
        mayChooseClient: scopes.has('clients:write'),
        mayChooseAppClient: scopes.has('apps:write'),
      };

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
