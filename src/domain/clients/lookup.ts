import type { Database, Statement } from '../../../db/database.ts';
import { createLookup } from '../database/batch.ts';
import { orUnavailable } from '../database/retry.ts';
import { clientIsEnabled } from './sql.ts';

/** A stored secret of a client. */
export interface StoredSecret {
  id: string;
  kind: 'keyed' | 'argon2' | 'bcrypt';
  keyId: string | null;
  digest: string;
}

/** A client as it is at this moment, neither disabled nor deleted. */
export interface Client {
  /** Internal; never changes, never used again. */
  id: string;
  clientId: string;
  metadata: Record<string, unknown>;
  roles: string[];
  /** Identifiers of the resources it may ask tokens for, beside the default one. */
  resources: string[];
  /** Identifiers of the resources whose tokens it may introspect. */
  resourceServerFor: string[];
  /** The name of the app that it is of. */
  app: string | null;
  /** The account whose key pair it is: its tokens stand for that person. */
  ownerId: string | null;
  /** The person who registered it for others to use, and who chose its name and its redirect URIs. */
  authorId: string | null;
  epoch: number;
  appEpoch: number;
  secrets: StoredSecret[];
}

export type ClientLookup = (clientId: string) => Promise<Client | undefined>;

const statement: Statement = {
  name: 'client-lookup',
  unsettled: true,
  text: `select c.id, c.client_id as "clientId", c.metadata, c.roles, c.resources, c.resource_server_for as "resourceServerFor",
      p.name as app, c.owner_id as "ownerId", c.author_id as "authorId", c.epoch, coalesce(p.epoch, 0) as "appEpoch",
      coalesce((select json_agg(json_build_object('id', s.id, 'kind', s.kind, 'keyId', s.key_id, 'digest', s.digest))
        from client_secret s where s.client_id = c.id and (s.expires_at is null or s.expires_at > now())), '[]') as secrets
    from client c left join app p on p.id = c.app_id
    where c.client_id = any ($1::text[]) and ${clientIsEnabled}`,
};

/**
 * The id of a client as it is stored. That of an app's client, `app:client`, may come as `app~client` too:
 * HTTP Basic ends an id at its colon, and not everyone encodes it first (RFC 6749 §2.3.1).
 */
export const storedClientId = (clientId: string): string => clientId.replace('~', ':');

/** Asks Postgres for clients, those of a tick in one statement. Throws `temporarily_unavailable` while it is away. */
export function createClientLookup({ database }: { database: Database }): ClientLookup {
  const load = createLookup<Client | undefined>({
    maxConcurrent: 2,
    run: async (clientIds) => {
      const rows = await orUnavailable(() => database.query<Client>(statement, [clientIds]));
      const found = new Map(rows.map((row) => [row.clientId, row]));
      return clientIds.map((clientId) => found.get(clientId));
    },
  });
  // Postgres holds no NUL, so no client has one in its id.
  return async (clientId) => (clientId.includes('\0') ? undefined : load(storedClientId(clientId)));
}
