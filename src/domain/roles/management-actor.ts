import type { ServerActor } from './server-actor.ts';

/** A caller of a management interface, with what its credential permits at Writ's own API. */
export interface Caller {
  kind: 'account' | 'client';
  /** The account's id, or the public `client_id`. */
  id: string;
  /** Public id of the presented access token or API key. */
  tokenId?: string | undefined;
  /** Effective scopes of the credential at Writ's own API. */
  scopes: ReadonlySet<string>;
}

/** The actor of operations on clients, accounts and roles, to whom their rules apply. */
export type ManagementActor = Caller | ServerActor;
