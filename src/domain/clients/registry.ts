import { sql } from 'kysely';
import { reservedClientIdPrefix } from '../../../config/clients.ts';
import type { Database } from '../../../db/database.ts';
import { isUniqueViolation } from '../../../db/errors.ts';
import type { Connection } from '../../../db/schema.ts';
import { randomAlphanumeric } from '../../crypto/random.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { recordChange } from '../changes.ts';
import type { ClientSecrets, SecretDescription } from './secrets.ts';

/** What is asked for when a client is made. */
export interface NewClient {
  clientId?: string | undefined;
  /** RFC 7591 §2 metadata, checked by the engine before it comes here. */
  metadata: Record<string, unknown>;
  roles?: string[];
  resources?: string[];
  resourceServerFor?: string[];
  sample?: boolean;
}

/** A client as its administrator sees it. */
export interface ClientDescription {
  id: string;
  client_id: string;
  metadata: Record<string, unknown>;
  roles: string[];
  resources: string[];
  resource_server_for: string[];
  disabled_at: Date | null;
  created_at: Date;
}

const shown = [
  'id',
  'client_id',
  'metadata',
  'roles',
  'resources',
  'resource_server_for',
  'disabled_at',
  'created_at',
] as const;

/** Where a client id is free to choose: neither `:` nor `~`, which part an app from its client. */
const clientIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Makes, lists and ends clients. */
export function createClientRegistry({
  database,
  secrets,
}: {
  database: Database;
  secrets: ClientSecrets;
}) {
  const { kysely } = database;
  const live = (connection: Connection) =>
    connection.selectFrom('client').select(shown).where('deleted_at', 'is', null);

  const requireThatExist = async (
    connection: Connection,
    table: 'role' | 'resource',
    names: string[],
  ): Promise<void> => {
    const column = table === 'role' ? 'name' : 'identifier';
    const { rows } = await sql<{ name: string }>`
      select wanted as name from unnest(${names}::text[]) as wanted
      where not exists (select from ${sql.table(table)} where ${sql.ref(column)} = wanted)`.execute(
      connection,
    );
    if (rows[0])
      throw new OAuthError(
        'invalid_request',
        `There is no ${table} ${rows[0].name}; make it first.`,
      );
  };

  const insert = async (connection: Connection, given: NewClient): Promise<ClientDescription> => {
    const { roles = [], resources = [], resourceServerFor = [], sample = false } = given;
    await requireThatExist(connection, 'role', roles);
    await requireThatExist(connection, 'resource', [...resources, ...resourceServerFor]);
    return connection
      .insertInto('client')
      .values({
        client_id: given.clientId ?? randomAlphanumeric(20),
        app_id: null,
        metadata: JSON.stringify(given.metadata),
        roles,
        resources,
        resource_server_for: resourceServerFor,
        sample,
        disabled_at: null,
        deleted_at: null,
      })
      .returning(shown)
      .executeTakeFirstOrThrow();
  };

  /** Ends tokens by the epoch; what else happens to the client happens in the same transaction. */
  const end = (
    clientId: string,
    kind: 'client.disabled' | 'client.deleted',
    update: (transaction: Connection, id: string) => Promise<unknown>,
  ): Promise<boolean> =>
    kysely.transaction().execute(async (transaction) => {
      const client = await transaction
        .updateTable('client')
        .set((eb) => ({ epoch: eb('epoch', '+', 1), updated_at: sql<Date>`now()` }))
        .where('client_id', '=', clientId)
        .where('deleted_at', 'is', null)
        .returning(['id', 'epoch'])
        .executeTakeFirst();
      if (!client) return false;
      await update(transaction, client.id);
      await recordChange(transaction, { kind, clientId, epoch: client.epoch });
      return true;
    });

  return {
    /**
     * Makes a client, with a first secret where its authentication needs one. Throws `conflict` where
     * the id is taken, by a deleted client too: an id is the `sub` of tokens, and never used again.
     */
    async create(
      given: NewClient,
      connection: Connection = kysely,
    ): Promise<{ client: ClientDescription; secret?: SecretDescription & { value: string } }> {
      if (given.clientId !== undefined) requireFreeChoice(given.clientId);
      try {
        const make = async (transaction: Connection) => {
          const client = await insert(transaction, given);
          return needsSecret(given.metadata)
            ? { client, secret: await secrets.generate(transaction, client.id) }
            : { client };
        };
        return await (connection === kysely
          ? kysely.transaction().execute(make)
          : make(connection));
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        throw new OAuthError(
          'conflict',
          `The client_id ${given.clientId} is taken, or was: ids are never used again.`,
          { cause: error },
        );
      }
    },

    /** In the order of their ids, those after `after`. */
    list: ({
      after = '',
      limit,
    }: {
      after?: string | undefined;
      limit: number;
    }): Promise<ClientDescription[]> =>
      live(kysely).where('client_id', '>', after).orderBy('client_id').limit(limit).execute(),

    find: (clientId: string): Promise<ClientDescription | undefined> =>
      live(kysely).where('client_id', '=', clientId).executeTakeFirst(),

    /** Ends its tokens and lets it have no more. False where there is no such client. */
    disable: (clientId: string): Promise<boolean> =>
      end(clientId, 'client.disabled', (transaction, id) =>
        transaction
          .updateTable('client')
          .set({ disabled_at: sql<Date>`now()` })
          .where('id', '=', id)
          .execute(),
      ),

    /** Lets a disabled client have tokens again; those that were ended stay so. */
    enable: (clientId: string): Promise<boolean> =>
      kysely.transaction().execute(async (transaction) => {
        const client = await transaction
          .updateTable('client')
          .set({ disabled_at: null, updated_at: sql<Date>`now()` })
          .where('client_id', '=', clientId)
          .where('deleted_at', 'is', null)
          .returning('epoch')
          .executeTakeFirst();
        if (client)
          await recordChange(transaction, {
            kind: 'client.enabled',
            clientId,
            epoch: client.epoch,
          });
        return client !== undefined;
      }),

    /** Ends its tokens and secrets. The row stays, so that nobody else ever gets its ids. */
    delete: (clientId: string): Promise<boolean> =>
      end(clientId, 'client.deleted', async (transaction, id) => {
        await transaction.deleteFrom('client_secret').where('client_id', '=', id).execute();
        await transaction
          .updateTable('client')
          .set({
            deleted_at: sql<Date>`now()`,
            metadata: '{}',
            roles: [],
            resources: [],
            resource_server_for: [],
          })
          .where('id', '=', id)
          .execute();
      }),
  };
}

export type ClientRegistry = ReturnType<typeof createClientRegistry>;

function requireFreeChoice(clientId: string): void {
  if (!clientIdPattern.test(clientId))
    throw new OAuthError(
      'invalid_request',
      'A client_id has 1 to 100 letters, digits, dots, dashes and underscores, a letter or digit first.',
    );
  if (clientId.startsWith(reservedClientIdPrefix))
    throw new OAuthError(
      'invalid_request',
      `A client_id that begins with ${reservedClientIdPrefix} is reserved.`,
    );
}

/** Whether a client authenticates by a secret (RFC 7591 §2: where it says nothing, it does). */
const needsSecret = ({
  token_endpoint_auth_method: method = 'client_secret_basic',
}: Record<string, unknown>): boolean =>
  method === 'client_secret_basic' || method === 'client_secret_post';
