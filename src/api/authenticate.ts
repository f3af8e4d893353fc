import type { Context } from 'koa';
import { administratorRole } from '../../config/roles.ts';
import type { ApiScope } from '../../config/scopes.ts';
import type { AppActor } from '../domain/apps/types.ts';
import type { Actor } from '../domain/audit.ts';
import type { ClientLookup } from '../domain/clients/lookup.ts';
import type { LastUsed } from '../domain/last-used.ts';
import { isBound } from '../domain/tokens/bound.ts';
import type { FindToken } from '../domain/tokens/find.ts';
import type { TokenState } from '../domain/tokens/lookup.ts';
import { scopeToday } from '../domain/tokens/scope-today.ts';
import { publicId } from '../domain/tokens/value.ts';
import { OAuthError } from '../oauth/errors.ts';
import { scopeTokens } from '../oauth/names.ts';

/** Who calls the API. */
export interface Principal {
  /** As the audit trail names them: the person where a token is a person's, else the client. */
  actor: Actor;
  /** The `client_id` that the token was issued to. */
  clientId: string;
  scopes: ReadonlySet<string>;
  /** As whom they act on apps: a person who is no administrator has to do with their own alone. */
  appActor: AppActor;
}

export type Authenticate = (ctx: Context) => Promise<Principal>;

interface Dependencies {
  find: FindToken;
  clients: ClientLookup;
  lastUsed: LastUsed;
  /** The only audience that opens the API. */
  audience: string;
}

/**
 * Bearer authentication (RFC 6750 §2.1): an active token whose audience is this API, of a client that
 * may have it today. What it opens is its scope within its owner's of today: a person's token opens
 * nothing but the person's own apps unless the person is an administrator.
 */
export function createAuthenticate({
  find,
  clients,
  lastUsed,
  audience,
}: Dependencies): Authenticate {
  return async (ctx) => {
    const [, value] = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i.exec(ctx.get('authorization')) ?? [];
    if (!value)
      throw challenge(
        ctx,
        new OAuthError(
          'invalid_token',
          'Send an API key or an access token: Authorization: Bearer TOKEN',
        ),
      );
    const state = await find(value);
    const accepted =
      state?.alive &&
      state.kind !== 'refresh_token' &&
      state.audience?.includes(audience) &&
      state.app === null && // whoever makes an app decides what its roles are called
      !isBound(state) &&
      (state.kind === 'api_key' || (await clients(state.clientId))?.resources.includes(audience));
    if (!accepted)
      throw challenge(
        ctx,
        new OAuthError('invalid_token', 'The token is not active, or not for this API.'),
      );
    if (state.kind === 'api_key') lastUsed.touchToken(state.id);
    return {
      actor: {
        ...(state.accountId === null
          ? { kind: 'client', id: state.clientId }
          : { kind: 'account', id: state.accountId }),
        tokenId: publicId(state.id),
      },
      clientId: state.clientId,
      scopes: new Set(scopeTokens(scopeToday(state, audience))),
      appActor: appActorOf(state),
    };
  };
}

const appActorOf = ({ accountId, roles }: TokenState): AppActor =>
  accountId === null || roles.some(([name]) => name === administratorRole)
    ? { kind: 'operator' }
    : { kind: 'account', accountId };

/** Throws `insufficient_scope` (RFC 6750 §3.1), with the scope to ask for. */
export function requireScope(ctx: Context, { scopes }: Principal, scope: ApiScope): void {
  if (!scopes.has(scope))
    throw challenge(
      ctx,
      new OAuthError('insufficient_scope', `This operation needs the scope ${scope}.`),
      scope,
    );
}

function challenge(ctx: Context, error: OAuthError, scope?: string): OAuthError {
  const parameters = ctx.get('authorization')
    ? ` error="${error.code}", error_description="${error.message}"${scope ? `, scope="${scope}"` : ''}`
    : '';
  ctx.set('WWW-Authenticate', `Bearer${parameters}`);
  return error;
}
