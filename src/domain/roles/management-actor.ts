import type { ServerActor } from './server-actor.ts';

/** A caller of a management interface, and what its credential permits at Writ's own API. */
export interface Caller {
  kind: 'account' | 'client';
  /** The account's id, or the public `client_id`. */
  id: string;
  /** The public id of the access token or API key that was presented. */
  tokenId?: string | undefined;
  /** The effective scopes of that credential at Writ's own API. */
  scopes: ReadonlySet<string>;
}

/** Who manages clients, accounts and roles. The operations that a rule applies to take one. */
export type ManagementActor = Caller | ServerActor;
