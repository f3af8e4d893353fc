import { operatorClientId } from '../../../config/clients.ts';
import { isPersonalScope, withImplied } from '../../../config/scopes.ts';
import type { Actors } from '../../oauth/actors.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import type { AppActor } from '../apps/types.ts';
import type { Actor } from '../audit/actor.ts';
import type { ClientLookup } from '../clients/lookup.ts';
import type { Caller } from '../roles/management-actor.ts';
import { apiScopesOfAssigned, effectiveScope } from './effective-scope.ts';
import type { FindToken } from './find-by-value.ts';
import type { LastUsed } from './last-used.ts';
import type { TokenActor } from './named/types.ts';
import { isProvenBy, type Proofs } from './sender-constraint.ts';
import { sourcesOf } from './sources.ts';
import type { TokenState } from './token-state.ts';
import { isNamedToken, publicId } from './value.ts';

/** The identity that a bearer token authenticates at Writ itself. */
export interface Principal {
  /** The actor of audit events: the person, or the client if the token has no person. */
  actor: Actor;
  /** The `client_id` that the token was issued to. */
  clientId: string;
  /** The effective scope of the token. */
  scopes: ReadonlySet<string>;
  /**
   * The actor for clients, accounts and roles, limited to these scopes; without those that give the person access only to their
   * own apps.
   */
  managementActor: Caller;
  /** The actor for apps: people reach only their own apps unless a role gives them the scope of the request, an app's client only its app. */
  appActor: AppActor;
  /** The actor for tokens: an API key of a client reaches only the tokens of that client. */
  tokenActor: TokenActor;
  /** The presented token. */
  token: TokenState;
}

/**
 * Authenticates a bearer token. Returns undefined unless the token is active and accepted by Writ's own API: its
 * audience is that API, and it is an API key or its client still has the resource. With the access `self`, which is for
 * operations on the token itself, every active token is accepted. `request` is what the request
 * proves, which the caller has verified, and the scope that it needs.
 */
export type FindPrincipal = (
  value: string,
  access?: 'self',
  request?: Proofs & { scope?: string | undefined },
) => Promise<Principal | undefined>;

interface Dependencies {
  find: FindToken;
  clients: ClientLookup;
  lastUsed: Pick<LastUsed, 'touchToken'>;
  /** The identifier of Writ's own API. */
  audience: string;
}

/**
 * Authentication for Writ's own API (RFC 6750, RFC 9449, RFC 8705). A token that is bound to a key or a certificate is refused without
 * its proof.
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
    // Never for an app's client: anyone can create an app and name its roles like those that have rights here.
    return app === null && (await clients(clientId))?.resources.includes(audience) === true;
  };

  return async (value, access, { scope = 'apps:write', ...proofs } = {}) => {
    const state = await find(value);
    if (
      !state ||
      !isActive(state) ||
      !isProvenBy(state, proofs) ||
      !(access === 'self' || (await isForApi(state)))
    )
      return undefined;
    if (isNamedToken(state.kind)) lastUsed.touchToken(state.id);
    const scopes = withImplied(scopeTokens(effectiveScope(state, audience)));
    const overAll = withoutPersonal(state, scopes);
    const actor: Omit<Caller, 'scopes'> = {
      ...(state.accountId === null
        ? { kind: 'client', id: state.clientId }
        : { kind: 'account', id: state.accountId }),
      tokenId: publicId(state.id),
      ...(state.payload?.['act'] !== undefined && { act: state.payload['act'] as Actors }),
      ...(state.limitedBy && { sources: sourcesOf(state.payload) }),
    };
    const managementActor = { ...actor, scopes: overAll };
    return {
      actor,
      clientId: state.clientId,
      scopes,
      managementActor,
      appActor: appActorOf(state, scope),
      tokenActor: tokenActorOf(state, managementActor),
      token: state,
    };
  };
}

/** Refresh tokens are for the token endpoint only (RFC 6749 §1.5). */
const isActive = (state: TokenState): boolean => state.alive && state.kind !== 'refresh_token';

/**
 * The scopes that concern the things of everyone. People have some for their own apps without a role that gives these, and can
 * give no one else what concerns all apps.
 */
function withoutPersonal(
  { accountId, roles }: TokenState,
  scopes: ReadonlySet<string>,
): ReadonlySet<string> {
  if (accountId === null) return scopes;
  const ofRoles = apiScopesOfAssigned(roles);
  return new Set([...scopes].filter((name) => !isPersonalScope(name) || ofRoles.has(name)));
}

function appActorOf({ accountId, roles, app, client }: TokenState, scope: string): AppActor {
  if (accountId === null && app !== null) return { kind: 'client', client };
  return accountId === null || apiScopesOfAssigned(roles).has(scope)
    ? { kind: 'operator' }
    : { kind: 'account', accountId };
}

/** A person or a program with these rights over all tokens; `presented` is the token that it calls with, if it is one. */
export const tokenManager = (
  manager: Caller,
  presented: { clientId: string; tokenId?: string | undefined } = { clientId: '' },
): TokenActor => ({
  kind: 'operator',
  ...presented,
  mayChooseClient: manager.scopes.has('clients:write'),
  mayChooseAppClient: manager.scopes.has('apps:write'),
  manager,
});

const tokenActorOf = ({ id, kind, clientId }: TokenState, manager: Caller): TokenActor =>
  kind === 'api_key' && clientId !== operatorClientId
    ? { kind: 'client', clientId }
    : tokenManager(manager, { clientId, tokenId: publicId(id) });
