/** Who acts at this moment, for the events and change records that are written meanwhile. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { plainAddress } from '../limits/ip-address.ts';
import { currentRequest } from './request-context.ts';

/** A client by its token, a person, or the server itself. */
export interface Actor {
  kind: 'client' | 'account' | 'system';
  /** The public `client_id`, or the account's id. */
  id: string | null;
  /** The public id of the token that was presented. */
  tokenId?: string | undefined;
  /** The address that the request came from, if there is no request context. */
  ip?: string | undefined;
}

/** The columns of an event that say who acted, and from where. */
export interface Attribution {
  actor_kind: Actor['kind'];
  actor_id: string | null;
  token_id: string | null;
  ip: string | null;
  request_id: string | null;
}

/** Empty by itself: it finds the actor of the call that runs. */
const acting = new AsyncLocalStorage<Actor>();

const system: Actor = { kind: 'system', id: null };

/** Runs work on behalf of an actor: events that are recorded meanwhile name it. */
export const actingAs = <Result>(actor: Actor, run: () => Result): Result => acting.run(actor, run);

/** The account that acts now; null where a client or the server itself does. */
export function actingAccount(): string | null {
  const { kind, id } = acting.getStore() ?? system;
  return kind === 'account' ? id : null;
}

/** Who acts now, and from where. Without `actingAs`, the server itself. */
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
