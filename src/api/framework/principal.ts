import type { Context } from 'koa';
import type { AppActor } from '../../domain/apps/types.ts';
import type { Actor } from '../../domain/audit/actor.ts';
import type { Caller } from '../../domain/roles/management-actor.ts';
import type { TokenActor } from '../../domain/tokens/named/types.ts';
import type { TokenState } from '../../domain/tokens/token-state.ts';

/** Who calls the API. */
export interface Principal {
  /** As the audit trail names them: the person where a token is a person's, else the client. */
  actor: Actor;
  /** The `client_id` that the token was issued to. */
  clientId: string;
  scopes: ReadonlySet<string>;
  /** As whom they manage clients, accounts and roles: within the scopes of their credential. */
  managementActor: Caller;
  /** As whom they act on apps: a person who is no administrator has to do with their own alone. */
  appActor: AppActor;
  /** As whom they manage tokens: an API key of a client has to do with those of its client alone. */
  tokenActor: TokenActor;
  /** The token that they showed. */
  token: TokenState;
}

/** Throws `invalid_token`. With the access `self` any active token will do, whatever it is for. */
export type Authenticate = (ctx: Context, access?: 'self') => Promise<Principal>;
