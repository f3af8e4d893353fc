/** The current actor, to whom audit events and change records are attributed. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { plainAddress } from '../limits/ip-address.ts';
import { currentRequest } from './request-context.ts';

/** A client (by its token), a person, or the server itself. */
export interface Actor {
  kind: 'client' | 'account' | 'system';
  /** The public `client_id`, or the account's id. */
  id: string | null;
  /** The public id of the token that was presented. */
  tokenId?: string | undefined;
  /** The IP address, for work without a request context. */
  ip?: string | undefined;
}

/** Columns of an event that name the actor and its origin. */
export interface Attribution {
  actor_kind: Actor['kind'];
  actor_id: string | null;
  token_id: string | null;
  ip: string | null;
  request_id: string | null;
}

const acting = new AsyncLocalStorage<Actor>();

const system: Actor = { kind: 'system', id: null };

/** Runs work on behalf of an actor; events recorded by it name that actor. */
export const actingAs = <Result>(actor: Actor, run: () => Result): Result => acting.run(actor, run);

/** Id of the acting account; null if a client or the server acts. */
export function actingAccount(): string | null {
  const { kind, id } = acting.getStore() ?? system;
  return kind === 'account' ? id : null;
}

/** The current actor and its origin. Without `actingAs`, the server itself. */
export function attribution(actor: Actor = acting.getStore() ?? system): Attribution {
  const request = currentRequest();
  return {
    actor_kind: actor.kind,
    actor_id: actor.id,
    token_id: actor.tokenId ?? null,
    ip: plainAddress(actor.ip ?? request?.ip ?? '') || null,
    request_id: request?.requestId ?? null,
  };
}
