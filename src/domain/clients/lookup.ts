import type { Database, Statement } from '../../../db/database.ts';
import type { ClientOrigin } from '../../../db/schema.ts';
import { createLookup } from '../database/batch.ts';
import { orUnavailable } from '../database/retry.ts';
import { type AssignedRole, rolesInApp } from '../tokens/role-sql.ts';
import { hostOfClientUrl, isClientUrl } from './documents/client-urls.ts';
import { clientIsEnabled } from './sql.ts';

/** A stored secret of a client. */
export interface StoredSecret {
  id: string;
  kind: 'keyed' | 'argon2' | 'bcrypt';
  keyId: string | null;
  digest: string;
}

/** A client that is neither disabled nor deleted. */
export interface Client {
  /** Internal id; never changes and is never reused. */
  id: string;
  clientId: string;
  metadata: Record<string, unknown>;
  roles: string[];
  /** Identifiers of the resources it can request tokens for, in addition to the default one. */
  resources: string[];
  /** Identifiers of the resources whose tokens it can introspect. */
  resourceServerFor: string[];
  /** Name of the app it belongs to. */
  app: string | null;
  /** The account whose key pair this is: its tokens act for that person. */
  ownerId: string | null;
  /** The person who registered it as a third-party app and chose its name and redirect URIs. */
  authorId: string | null;
  /** How it registered itself; null if someone here created it. */
  origin: ClientOrigin | null;
  epoch: number;
  appEpoch: number;
  secrets: StoredSecret[];
  /** The roles of its own tokens, where they were read with it: those of its app, or of the installation. */
  heldRoles?: AssignedRole[];
}

/**
 * What people call a client: its display name, or its id. That of a client with a document is the host of its URL, because
 * anyone can write any name into a document.
 */
export const clientNameOf = ({
  clientId,
  metadata,
}: Pick<Client, 'clientId' | 'metadata'>): string =>
  isClientUrl(clientId)
    ? hostOfClientUrl(clientId)
    : ((metadata['client_name'] as string | undefined) ?? clientId);

/** Finds an enabled client by its id, in either spelling. */
export type ClientLookup = (clientId: string) => Promise<Client | undefined>;

/** SQL that selects the clients with the ids $1. */
export const selectClients = `select c.id, c.client_id as "clientId", c.metadata, c.roles, c.resources, c.resource_server_for as "resourceServerFor",
      p.name as app, c.owner_id as "ownerId", c.author_id as "authorId", c.origin, c.epoch, coalesce(p.epoch, 0) as "appEpoch",
      coalesce((select json_agg(json_build_object('id', s.id, 'kind', s.kind, 'keyId', s.key_id, 'digest', s.digest))
        from client_secret s where s.client_id = c.id and (s.expires_at is null or s.expires_at > now())), '[]') as secrets
    from client c left join app p on p.id = c.app_id
    where c.client_id = any ($1::text[]) and ${clientIsEnabled}`;

const alone: Statement = { name: 'client-lookup', unsettled: true, text: selectClients };

const withRoles: Statement = {
  name: 'client-lookup-with-roles',
  unsettled: true,
  text: `select asked.*, coalesce(a.roles, r.roles, '[]') as "heldRoles"
    from (${selectClients}) asked join client c on c.id = asked.id
    left join lateral (${rolesInApp}) a on true
    left join lateral (
      select json_agg(json_build_array(name, permissions) order by array_position(c.roles, name)) as roles from role
      where c.app_id is null and name = any (c.roles)) r on true`,
};

/**
 * The stored form of a client id. The client of an app, `app:client`, can also be written `app~client`: HTTP Basic
 * splits at the first colon, and not every program encodes the id first (RFC 6749 §2.3.1). A URL has one spelling.
 */
export const storedClientId = (clientId: string): string =>
  isClientUrl(clientId) ? clientId : clientId.replace('~', ':');

/** Postgres cannot store NUL, so no client id contains one. */
export const canBeStored = (clientId: string): boolean => !clientId.includes('\0');

/**
 * Reads clients from Postgres, batching the calls of one tick into one statement. Throws `temporarily_unavailable`
 * if the database is unreachable.
 */
export const createClientLookup = ({ database }: { database: Database }): ClientLookup =>
  lookupBy(alone, database);

/** Does the same, and reads the roles of each client in the same statement: `heldRoles`. */
export const createClientLookupWithRoles = ({ database }: { database: Database }): ClientLookup =>
  lookupBy(withRoles, database);

function lookupBy(statement: Statement, database: Database): ClientLookup {
  const load = createLookup<Client | undefined>({
    maxConcurrent: 2,
    run: async (clientIds) => {
      const rows = await orUnavailable(() => database.query<Client>(statement, [clientIds]));
      const found = new Map(rows.map((row) => [row.clientId, row]));
      return clientIds.map((clientId) => found.get(clientId));
    },
  });
  return async (clientId) => (canBeStored(clientId) ? load(storedClientId(clientId)) : undefined);
}
