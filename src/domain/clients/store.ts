import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../../../db/database.ts';
import { isUniqueViolation } from '../../../db/errors.ts';
import type { ClientOrigin, Connection, DisabledBy } from '../../../db/schema.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { randomAlphanumeric } from '../../crypto/random.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { recordChange } from '../audit/change-feed.ts';
import { diffOf, isSame, recordEvent } from '../audit/events.ts';
import { containing } from '../database/containing.ts';
import { assertAllExist, requireAppRoles } from '../database/existence.ts';
import { type Idempotency, runOnce } from '../database/idempotency.ts';
import type { Precondition } from '../database/precondition.ts';
import { authenticatesBySecret } from './client-types.ts';
import { tightensTokens } from './profiles.ts';
import type { ClientSecrets, SecretDescription } from './secrets.ts';

/** Fields of a new client. */
export interface NewClient {
  clientId?: string | undefined;
  /** Metadata (RFC 7591 §2), already validated. */
  metadata: Record<string, unknown>;
  roles?: string[];
  resources?: string[];
  resourceServerFor?: string[];
  sample?: boolean;
  /**
   * Internal id of its app, whose roles it can have. Only `domain/apps` creates such clients, and chooses their
   * ids.
   */
  appId?: string | undefined;
  /** The account whose key pair it is. Only `key-pairs.ts` creates such clients. */
  ownerId?: string | undefined;
  /**
   * The person who registers it as a third-party app. Only `third-party-apps.ts` and `registered-clients.ts` create
   * such clients.
   */
  authorId?: string | undefined;
  /** How it registered itself. Only `domain/clients/registrations` creates such clients. */
  origin?: ClientOrigin | undefined;
  /** A generated first secret in a format other than Writ's own. */
  secret?: string | undefined;
}

/** Fields that an update replaces; omitted ones stay. */
export interface ClientChanges {
  /** The complete metadata, already validated. */
  metadata?: Record<string, unknown> | undefined;
  roles?: string[] | undefined;
  resources?: string[] | undefined;
  resourceServerFor?: string[] | undefined;
  /** From now on, only administrators can change the client. */
  takenOver?: boolean | undefined;
}

/** A client as administrators see it. */
export interface ClientDescription {
  id: string;
  client_id: string;
  metadata: Record<string, unknown>;
  roles: string[];
  resources: string[];
  resource_server_for: string[];
  /** Name of its app, in which it is managed; null if it belongs to none. */
  app: string | null;
  /** The account whose key pair it is; null for other clients. */
  account_id: string | null;
  /** The account that registered it as a third-party app; null for other clients. */
  author_id: string | null;
  /** When an administrator first changed a client that a person registered; otherwise null. */
  taken_over_at: Date | null;
  /** How it registered itself; null if someone here created it. */
  origin: ClientOrigin | null;
  /** The state of its metadata document; null for clients without one. */
  document: DocumentStatus | null;
  disabled_at: Date | null;
  /** For a disabled client of an app, which actors can enable it again; otherwise null. */
  disabled_by: DisabledBy | null;
  created_at: Date;
}

/** When a client's metadata document was last read, and since when and why it cannot be read. Times in ISO 8601. */
export interface DocumentStatus {
  fetched_at: string;
  failed_since: string | null;
  failure: string | null;
}

const columns = [
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
  'origin',
  sql<DocumentStatus | null>`(select json_build_object('fetched_at', d.fetched_at, 'failed_since', d.failed_since,
    'failure', d.failure) from client_document d where d.client_id = client.client_id)`.as(
    'document',
  ),
  'disabled_at',
  'disabled_by',
  'created_at',
] as const;

/** SQL condition: a client has exactly this name; case is ignored. By the index `client_name_skeleton`; of the same name `limit`. */
const isNamed = (name: string, limit: number): RawBuilder<boolean> =>
  sql<boolean>`id = any (array(select id from client where deleted_at is null
    and name_skeleton(coalesce(metadata->>'client_name', client_id)) = name_skeleton(${name})
    and lower(coalesce(metadata->>'client_name', client_id)) = lower(${name}) limit ${limit}))`;

/**
 * Stores clients, with their audit events and change records. It does not check permissions; the operations of this
 * folder and of `domain/apps` do, and only they receive it.
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
    connection.selectFrom('client').select(columns).where('deleted_at', 'is', null);

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
        origin: given.origin ?? null,
        metadata: JSON.stringify(given.metadata),
        roles,
        resources,
        resource_server_for: resourceServerFor,
        sample,
        disabled_at: null,
        deleted_at: null,
      })
      .returning(columns)
      .executeTakeFirstOrThrow();
  };

  /** Revokes tokens by raising the epoch, and runs `update` in the same transaction. */
  const raiseEpoch = (
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
     * Creates a client, with a secret if its authentication method needs one. Throws `conflict` if the id is in use
     * or was used by a deleted client: ids appear as `sub` in tokens and are never reused.
     */
    async create(
      given: NewClient,
      connection: Connection = kysely,
      idempotency?: Idempotency,
    ): Promise<{ client: ClientDescription; secret?: SecretDescription & { value: string } }> {
      try {
        return await inTransaction(connection, (transaction) =>
          runOnce(idempotency, transaction, async () => {
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
                ...(client.origin !== null && { origin: client.origin }),
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
          `The client_id ${given.clientId} is or was in use, and ids are never reused. Choose another.`,
          { parameter: given.appId === undefined ? 'client_id' : 'name', cause: error },
        );
      }
    },

    /**
     * Lists clients by id, after the cursor `after`; only those with `search` in the id or the name, or with exactly the name
     * `named`, if it is given.
     */
    list: ({
      after = '',
      limit,
      search,
      named,
    }: {
      after?: string | undefined;
      limit: number;
      search?: string | undefined;
      named?: string | undefined;
    }): Promise<ClientDescription[]> =>
      live(kysely)
        .where('client_id', '>', after)
        .$if(search !== undefined, (query) => {
          const pattern = containing(search ?? '');
          return query.where((eb) =>
            eb.or([
              eb('client_id', 'ilike', pattern),
              eb(sql<string>`metadata->>'client_name'`, 'ilike', pattern),
            ]),
          );
        })
        .$if(named !== undefined, (query) => query.where(isNamed(named ?? '', limit)))
        .orderBy('client_id')
        .limit(limit)
        .execute(),

    find: (clientId: string): Promise<ClientDescription | undefined> =>
      live(kysely).where('client_id', '=', clientId).executeTakeFirst(),

    /**
     * Disables a client and revokes its tokens. False if it does not exist. `by` is who can enable it again; only
     * `domain/apps` passes members.
     */
    disable: (
      clientId: string,
      connection?: Connection,
      by: DisabledBy = 'operator',
    ): Promise<boolean> =>
      inTransaction(connection ?? kysely, async (transaction) => {
        const before = await locked(transaction, clientId);
        // Nothing to do: the tokens were revoked when the client was disabled.
        if (before?.disabled_by === by) return true;
        return raiseEpoch(
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

    /** Enables a client; revoked tokens stay revoked. False if it does not exist. */
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

    /** Revokes all tokens of a client, which can get new ones at once. False if it does not exist. */
    revokeTokens: (clientId: string, connection?: Connection): Promise<boolean> =>
      raiseEpoch(clientId, 'client.tokens_revoked', undefined, undefined, connection),

    /**
     * Updates a client and records the change, since introspection shows it at once. Revokes its tokens if new ones must be
     * bound to a key. `precondition`, then `changes`, receive the current, locked client and can throw. Undefined if it does
     * not exist.
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
        const revokesTokens = tightensTokens(before.metadata, next.metadata);
        const after = await transaction
          .updateTable('client')
          .set((eb) => ({
            updated_at: sql<Date>`now()`,
            ...(revokesTokens && { epoch: eb('epoch', '+', 1) }),
            ...(metadata && { metadata: JSON.stringify(metadata) }),
            ...(roles && { roles }),
            ...(resources && { resources }),
            ...(resourceServerFor && { resource_server_for: resourceServerFor }),
            ...(takenOver && { taken_over_at: sql<Date>`coalesce(taken_over_at, now())` }),
          }))
          .where('id', '=', before.id)
          .returning(['epoch', ...columns])
          .executeTakeFirstOrThrow();
        const { epoch, ...client } = after;
        await recordEvent(transaction, {
          action: 'client.updated',
          target: { kind: 'client', id: clientId },
          details: diffOf(fieldsOf(before), fieldsOf(client)),
        });
        if (revokesTokens)
          await recordEvent(transaction, {
            action: 'client.tokens_revoked',
            target: { kind: 'client', id: clientId },
            details: { because: 'new tokens must be bound to a key' },
          });
        await recordChange(transaction, { kind: 'client.changed', clientId, epoch });
        if (revokesTokens)
          await recordChange(transaction, { kind: 'client.tokens_revoked', clientId, epoch });
        return client;
      }),

    /**
     * Deletes a client: revokes its tokens and deletes its secrets. The row stays, so that its ids are never
     * reused.
     */
    delete: (
      clientId: string,
      precondition?: Precondition<ClientDescription>,
      connection?: Connection,
    ): Promise<boolean> =>
      raiseEpoch(
        clientId,
        'client.deleted',
        async (transaction, id) => {
          await transaction.deleteFrom('client_secret').where('client_id', '=', id).execute();
          await transaction
            .updateTable('client')
            .set(deletedColumns)
            .where('id', '=', id)
            .execute();
        },
        precondition,
        connection,
      ),
  };
}

export type ClientStore = ReturnType<typeof createClientStore>;

/** Column values of a deleted client. Only its ids remain, so that they are never reused. */
export const deletedColumns = {
  deleted_at: sql<Date>`now()`,
  metadata: '{}',
  roles: [],
  resources: [],
  resource_server_for: [],
};

/**
 * Throws `invalid_request` for unknown roles: clients of apps have roles of the app, others those of the
 * installation.
 */
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
