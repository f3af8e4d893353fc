import { sql } from 'kysely';
import type { Database } from '../../../db/database.ts';
import { isUniqueViolation } from '../../../db/errors.ts';
import type { Connection, DisabledBy } from '../../../db/schema.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { randomAlphanumeric } from '../../crypto/random.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { recordChange } from '../audit/change-feed.ts';
import { diffOf, isSame, recordEvent } from '../audit/events.ts';
import { assertAllExist, requireAppRoles } from '../database/existence.ts';
import { type Idempotency, makeOnce } from '../database/idempotency.ts';
import type { Precondition } from '../database/precondition.ts';
import { authenticatesBySecret } from './client-types.ts';
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
  /** The internal id of its app, whose roles it has. Only `domain/apps` makes such clients, and chooses their ids. */
  appId?: string | undefined;
  /** The account whose key pair it is. Only `key-pairs.ts` creates such clients. */
  ownerId?: string | undefined;
  /** The person who registers it for others to use. Only `third-party-apps.ts` and `registered-clients.ts` create such clients. */
  authorId?: string | undefined;
  /** Its first secret, generated in another format than Writ's own. */
  secret?: string | undefined;
}

/** What an update replaces; what is left out stays as it is. */
export interface ClientChanges {
  /** All of the metadata, checked by the engine before it comes here. */
  metadata?: Record<string, unknown> | undefined;
  roles?: string[] | undefined;
  resources?: string[] | undefined;
  resourceServerFor?: string[] | undefined;
  /** That from now on only administrators change it. */
  takenOver?: boolean | undefined;
}

/** A client as its administrator sees it. */
export interface ClientDescription {
  id: string;
  client_id: string;
  metadata: Record<string, unknown>;
  roles: string[];
  resources: string[];
  resource_server_for: string[];
  /** The name of its app, which alone decides about it; null where it has none. */
  app: string | null;
  /** The account whose key pair it is; null where it is of no person. */
  account_id: string | null;
  /** The account that registered it for others to use; null for all others. */
  author_id: string | null;
  /** When an administrator first changed one that a person registered; null where none has, and for all others. */
  taken_over_at: Date | null;
  disabled_at: Date | null;
  /** Whoever may enable one of an app again; null where it is not disabled. */
  disabled_by: DisabledBy | null;
  created_at: Date;
}

const shown = [
  'id',
  'client_id',
  'metadata',
  'roles',
  'resources',
  'resource_server_for',
  sql<string | null>`(select name from app where id = client.app_id)`.as('app'),
  'owner_id as account_id',
  'author_id',
  'taken_over_at',
  'disabled_at',
  'disabled_by',
  'created_at',
] as const;

/**
 * The rows of clients, with their events and what verifiers follow. It knows no rule of who may do what:
 * only the operations of this folder and of `domain/apps`, which do, are given it.
 */
export function createClientStore({
  database,
  secrets,
}: {
  database: Database;
  secrets: ClientSecrets;
}) {
  const { kysely } = database;
  const live = (connection: Connection) =>
    connection.selectFrom('client').select(shown).where('deleted_at', 'is', null);

  const insert = async (connection: Connection, given: NewClient): Promise<ClientDescription> => {
    const { roles = [], resources = [], resourceServerFor = [], sample = false } = given;
    await requireRoles(connection, given.appId ?? null, roles);
    await assertAllExist(connection, 'resource', {
      resources,
      resource_server_for: resourceServerFor,
    });
    return connection
      .insertInto('client')
      .values({
        client_id: given.clientId ?? randomAlphanumeric(20),
        app_id: given.appId ?? null,
        owner_id: given.ownerId ?? null,
        author_id: given.authorId ?? null,
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
    kind: 'client.disabled' | 'client.deleted' | 'client.tokens_revoked',
    update: (transaction: Connection, id: string) => Promise<unknown> = async () => {},
    precondition?: Precondition<ClientDescription>,
    connection: Connection = kysely,
  ): Promise<boolean> =>
    inTransaction(connection, async (transaction) => {
      if (precondition) precondition(await locked(transaction, clientId));
      const client = await transaction
        .updateTable('client')
        .set((eb) => ({ epoch: eb('epoch', '+', 1), updated_at: sql<Date>`now()` }))
        .where('client_id', '=', clientId)
        .where('deleted_at', 'is', null)
        .returning(['id', 'epoch'])
        .executeTakeFirst();
      if (!client) return false;
      await update(transaction, client.id);
      await recordEvent(transaction, { action: kind, target: { kind: 'client', id: clientId } });
      await recordChange(transaction, { kind, clientId, epoch: client.epoch });
      return true;
    });

  const locked = (
    transaction: Connection,
    clientId: string,
  ): Promise<ClientDescription | undefined> =>
    live(transaction).where('client_id', '=', clientId).forUpdate().executeTakeFirst();

  return {
    /**
     * Makes a client, with a first secret where its authentication needs one. Throws `conflict` where
     * the id is taken, by a deleted client too: an id is the `sub` of tokens, and never used again.
     */
    async create(
      given: NewClient,
      connection: Connection = kysely,
      idempotency?: Idempotency,
    ): Promise<{ client: ClientDescription; secret?: SecretDescription & { value: string } }> {
      try {
        return await inTransaction(connection, (transaction) =>
          makeOnce(idempotency, transaction, async () => {
            const client = await insert(transaction, given);
            await recordEvent(transaction, {
              action: 'client.created',
              target: { kind: 'client', id: client.client_id },
              details: {
                roles: client.roles,
                resources: client.resources,
                resource_server_for: client.resource_server_for,
                ...(client.account_id !== null && { account_id: client.account_id }),
                ...(client.author_id !== null && { author_id: client.author_id }),
              },
            });
            if (!authenticatesBySecret(given.metadata)) return { client };
            const secret = await secrets.generate(transaction, client.id, undefined, given.secret);
            return { client, secret };
          }),
        );
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        throw new OAuthError(
          'conflict',
          `The client_id ${given.clientId} is taken, or was: ids are never used again.`,
          { parameter: given.appId === undefined ? 'client_id' : 'name', cause: error },
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

    /** Ends its tokens and lets it have no more. False where there is no such client. Only `domain/apps` knows of members. */
    disable: (
      clientId: string,
      connection?: Connection,
      by: DisabledBy = 'operator',
    ): Promise<boolean> =>
      inTransaction(connection ?? kysely, async (transaction) => {
        const before = await locked(transaction, clientId);
        // What is as it should be is left alone: its tokens ended when it was disabled.
        if (before?.disabled_by === by) return true;
        return end(
          clientId,
          'client.disabled',
          (within, id) =>
            within
              .updateTable('client')
              .set({ disabled_at: sql<Date>`now()`, disabled_by: by })
              .where('id', '=', id)
              .execute(),
          undefined,
          transaction,
        );
      }),

    /** Lets a disabled client have tokens again, whoever disabled it; those that were ended stay so. */
    enable: (clientId: string, connection: Connection = kysely): Promise<boolean> =>
      inTransaction(connection, async (transaction) => {
        const before = await locked(transaction, clientId);
        if (before?.disabled_at === null) return true;
        const client = await transaction
          .updateTable('client')
          .set({ disabled_at: null, disabled_by: null, updated_at: sql<Date>`now()` })
          .where('client_id', '=', clientId)
          .where('deleted_at', 'is', null)
          .returning('epoch')
          .executeTakeFirst();
        if (!client) return false;
        await recordEvent(transaction, {
          action: 'client.enabled',
          target: { kind: 'client', id: clientId },
        });
        await recordChange(transaction, {
          kind: 'client.enabled',
          clientId,
          epoch: client.epoch,
        });
        return true;
      }),

    /** Ends the tokens that it has; it may get new ones at once. False where there is no such client. */
    revokeTokens: (clientId: string, connection?: Connection): Promise<boolean> =>
      end(clientId, 'client.tokens_revoked', undefined, undefined, connection),

    /**
     * Changes a client, and tells the change feed, since introspection shows it at once. `precondition`
     * and then `changes` are called with the client as it stands, locked, and may throw. Undefined where
     * there is none.
     */
    update: (
      clientId: string,
      changes: (current: ClientDescription) => ClientChanges,
      precondition: Precondition<ClientDescription> = () => {},
      connection: Connection = kysely,
    ): Promise<ClientDescription | undefined> =>
      inTransaction(connection, async (transaction) => {
        const before = await locked(transaction, clientId);
        precondition(before);
        if (!before) return undefined;
        const { metadata, roles, resources, resourceServerFor, takenOver } = changes(before);
        await requireRoles(transaction, await appIdOf(transaction, before), roles ?? []);
        await assertAllExist(transaction, 'resource', {
          resources,
          resource_server_for: resourceServerFor,
        });
        const next = {
          metadata: metadata ?? before.metadata,
          roles: roles ?? before.roles,
          resources: resources ?? before.resources,
          resource_server_for: resourceServerFor ?? before.resource_server_for,
        };
        if (isSame(fieldsOf(before), fieldsOf(next))) return before;
        const after = await transaction
          .updateTable('client')
          .set({
            updated_at: sql<Date>`now()`,
            ...(metadata && { metadata: JSON.stringify(metadata) }),
            ...(roles && { roles }),
            ...(resources && { resources }),
            ...(resourceServerFor && { resource_server_for: resourceServerFor }),
            ...(takenOver && { taken_over_at: sql<Date>`coalesce(taken_over_at, now())` }),
          })
          .where('id', '=', before.id)
          .returning(['epoch', ...shown])
          .executeTakeFirstOrThrow();
        const { epoch, ...client } = after;
        await recordEvent(transaction, {
          action: 'client.updated',
          target: { kind: 'client', id: clientId },
          details: diffOf(fieldsOf(before), fieldsOf(client)),
        });
        await recordChange(transaction, { kind: 'client.changed', clientId, epoch });
        return client;
      }),

    /** Ends its tokens and secrets. The row stays, so that nobody else ever gets its ids. */
    delete: (
      clientId: string,
      precondition?: Precondition<ClientDescription>,
      connection?: Connection,
    ): Promise<boolean> =>
      end(
        clientId,
        'client.deleted',
        async (transaction, id) => {
          await transaction.deleteFrom('client_secret').where('client_id', '=', id).execute();
          await transaction.updateTable('client').set(asDeleted).where('id', '=', id).execute();
        },
        precondition,
        connection,
      ),
  };
}

export type ClientStore = ReturnType<typeof createClientStore>;

/** What is left of a client that is deleted: its ids, so that nobody else gets them. */
export const asDeleted = {
  deleted_at: sql<Date>`now()`,
  metadata: '{}',
  roles: [],
  resources: [],
  resource_server_for: [],
};

/** Clients of apps have the roles of their app, all others those of the installation. */
const requireRoles = (
  transaction: Connection,
  appId: string | null,
  roles: readonly string[],
): Promise<void> =>
  appId === null
    ? assertAllExist(transaction, 'role', { roles })
    : requireAppRoles(transaction, appId, roles);

async function appIdOf(
  transaction: Connection,
  { id, app }: ClientDescription,
): Promise<string | null> {
  if (app === null) return null;
  const { app_id } = await transaction
    .selectFrom('client')
    .select('app_id')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return app_id;
}

const fieldsOf = ({
  metadata,
  roles,
  resources,
  resource_server_for,
}: Pick<ClientDescription, 'metadata' | 'roles' | 'resources' | 'resource_server_for'>) => ({
  ...metadata,
  roles,
  resources,
  resource_server_for,
});
