/** The current actor, to whom audit events and change records are attributed. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Actors } from '../../oauth/actors.ts';
import { plainAddress } from '../limits/ip-address.ts';
import type { Source } from '../tokens/sources.ts';
import { currentRequest } from './request-context.ts';

/** A client (by its token), a person, or the server itself. */
export interface Actor {
  kind: 'client' | 'account' | 'system';
  /** The public `client_id`, or the account's id. */
  id: string | null;
  /** The public id of the token that was presented. */
  tokenId?: string | undefined;
  /** Who acts with that token for the actor (RFC 8693 §4.1), and what it comes from. */
  act?: Actors | undefined;
  sources?: readonly Source[] | undefined;
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

/** Who acts for the current actor by token exchange; undefined if no one does. */
export const actingThrough = (): Actors | undefined => acting.getStore()?.act;

/** What the token of the current actor comes from by token exchange. */
export const actingSources = (): readonly Source[] => acting.getStore()?.sources ?? [];

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
