import { operatorClientId } from '../../../config/clients.ts';
import { administratorRole } from '../../../config/roles.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import type { AppActor } from '../apps/types.ts';
import type { Actor } from '../audit/actor.ts';
import type { ClientLookup } from '../clients/lookup.ts';
import type { Caller } from '../roles/management-actor.ts';
import { effectiveScope } from './effective-scope.ts';
import type { FindToken } from './find-by-value.ts';
import type { LastUsed } from './last-used.ts';
import type { TokenActor } from './named/types.ts';
import { isSenderConstrained } from './sender-constraint.ts';
import type { TokenState } from './token-state.ts';
import { isNamedToken, publicId } from './value.ts';

/** As whom the bearer of a token acts on Writ itself. */
export interface Principal {
  /** As the audit trail names them: the person where a token is a person's, else the client. */
  actor: Actor;
  /** The `client_id` that the token was issued to. */
  clientId: string;
  scopes: ReadonlySet<string>;
  /** As whom they manage clients, accounts and roles: within the scopes of their credential. */
  managementActor: Caller;
  /** As whom they act on apps: a person who is no administrator has to do with their own only, a client of an app with that app. */
  appActor: AppActor;
  /** As whom they manage tokens: an API key of a client has to do with those of its client only. */
  tokenActor: TokenActor;
  /** The token that they showed. */
  token: TokenState;
}

/**
 * Whom a token stands for: undefined unless it is active, its audience is Writ's own API and its client may have
 * that today, or it is an API key. With the access `self` any active token will do, whatever it is for.
 */
export type FindPrincipal = (value: string, access?: 'self') => Promise<Principal | undefined>;

interface Dependencies {
  find: FindToken;
  clients: ClientLookup;
  lastUsed: Pick<LastUsed, 'touchToken'>;
  /** The only audience that opens the API. */
  audience: string;
}

/**
 * What a token opens is its scope within its owner's of today: a person's token opens nothing but the person's own
 * apps unless the person is an administrator.
 */
export function createFindPrincipal({
  find,
  clients,
  lastUsed,
  audience,
}: Dependencies): FindPrincipal {
  const isForApi = async ({ kind, audience: audiences, app, clientId }: TokenState) => {
    if (!audiences?.includes(audience)) return false;
    if (kind === 'api_key') return true;
    // The creator of an app decides what its roles are called.
    return app === null && (await clients(clientId))?.resources.includes(audience) === true;
  };

  return async (value, access) => {
    const state = await find(value);
    if (!state || !isActiveBearer(state) || !(access === 'self' || (await isForApi(state))))
      return undefined;
    if (isNamedToken(state.kind)) lastUsed.touchToken(state.id);
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

/** A refresh token is for the token endpoint only (RFC 6749 §1.5). */
const isActiveBearer = (state: TokenState): boolean =>
  state.alive && state.kind !== 'refresh_token' && !isSenderConstrained(state);

function appActorOf({ accountId, roles, app, client }: TokenState): AppActor {
  if (accountId === null && app !== null) return { kind: 'client', client };
  return accountId === null || roles.some(([name]) => name === administratorRole)
    ? { kind: 'operator' }
    : { kind: 'account', accountId };
}

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
