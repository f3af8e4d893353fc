import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { tokenLimits } from '../../../config/tokens.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Account, Accounts } from '../accounts/accounts.ts';
import { byPerson } from '../accounts/sessions.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import { requireActivePerson } from './active-person.ts';
import type { Client, ClientLookup } from './lookup.ts';
import type { ClientSecrets } from './secrets.ts';
import type { ClientStore } from './store.ts';

/** A key pair as its owner sees it. */
export interface KeyPair {
  /** Id for managing the pair. Programs use `clientId`. */
  id: string;
  clientId: string;
  /** Display name. */
  name: string;
  createdAt: Date;
  /** Last use of the secret, to the minute. */
  lastUsedAt: Date | null;
}

/** A new key pair: the resource of its tokens, and their lifetimes in seconds. */
export interface NewKeyPair {
  name: string;
  resource: string;
  accessTokenTtl: number;
  refreshTokenTtl: number;
}

/**
 * Key pairs of people: clients owned by an account, with one secret that is shown once. Their tokens act for the
 * person at one resource. They cannot use OAuth grants; `tokens/key-pair-tokens.ts` exchanges a pair for tokens. At
 * introspection and revocation they authenticate like any confidential client.
 */
export function createKeyPairs({
  database,
  store,
  clients,
  secrets,
  accounts,
}: {
  database: Database;
  store: Pick<ClientStore, 'create' | 'delete' | 'revokeTokens'>;
  clients: ClientLookup;
  secrets: Pick<ClientSecrets, 'matches'>;
  accounts: Pick<Accounts, 'find'>;
}) {
  const { kysely } = database;

  /** The `client_id` of a key pair of this person. */
  const clientIdOf = async (
    connection: Connection,
    accountId: string,
    id: string,
  ): Promise<string | undefined> => {
    if (!isUuid(id)) return undefined;
    const row = await connection
      .selectFrom('client')
      .select('client_id')
      .where('id', '=', id)
      .where('owner_id', '=', accountId)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    return row?.client_id;
  };

  return {
    /**
     * Creates a pair: a client id of 20 random bytes and a secret of 40, in hexadecimal. Throws `conflict` if the
     * person has the maximum number of key pairs, and `access_denied` if the account is disabled.
     */
    create: (
      accountId: string,
      { name, resource, accessTokenTtl, refreshTokenTtl }: NewKeyPair,
      ip?: string,
    ): Promise<KeyPair & { secret: string }> =>
      orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          await requireActivePerson(transaction, accountId);
          await assertBelowLimit(transaction, accountId);
          const secret = randomBytes(40).toString('hex');
          const { client } = await byPerson(accountId, ip, () =>
            store.create(
              {
                clientId: randomBytes(20).toString('hex'),
                ownerId: accountId,
                secret,
                resources: [resource],
                metadata: {
                  client_name: name,
                  grant_types: [],
                  response_types: [],
                  redirect_uris: [],
                  token_endpoint_auth_method: 'client_secret_basic',
                  access_token_format: 'jwt',
                  access_token_ttl: accessTokenTtl,
                  refresh_token_ttl: refreshTokenTtl,
                },
              },
              transaction,
            ),
          );
          const { id, client_id: clientId, created_at: createdAt } = client;
          return { id, clientId, name, createdAt, lastUsedAt: null, secret };
        }),
      ),

    /** Lists the person's key pairs, newest first. */
    list: async (accountId: string): Promise<KeyPair[]> => {
      if (!isUuid(accountId)) return [];
      const { rows } = await orUnavailable(() =>
        sql<KeyPair>`
          select c.id, c.client_id as "clientId", coalesce(c.metadata->>'client_name', '') as name,
            c.created_at as "createdAt",
            (select max(s.last_used_at) from client_secret s where s.client_id = c.id) as "lastUsedAt"
          from client c where c.owner_id = ${accountId}::uuid and c.deleted_at is null
          order by c.created_at desc, c.id`.execute(kysely),
      );
      return rows;
    },

    /** Deletes a key pair of the person and revokes its tokens. False if the person has none with this id. */
    delete: (accountId: string, id: string, ip?: string): Promise<boolean> =>
      orUnavailable(async () => {
        const clientId = await clientIdOf(kysely, accountId, id);
        if (clientId === undefined) return false;
        return byPerson(accountId, ip, () => store.delete(clientId));
      }),

    /**
     * Revokes all tokens of a key pair of the person; the pair stays valid. False if the person has none with this
     * id.
     */
    revokeTokens: (accountId: string, id: string): Promise<boolean> =>
      orUnavailable(async () => {
        const clientId = await clientIdOf(kysely, accountId, id);
        if (clientId === undefined) return false;
        return byPerson(accountId, undefined, () => store.revokeTokens(clientId));
      }),

    /**
     * Authenticates a key pair. Undefined if it does not exist, the secret is wrong or the person is disabled. The
     * returned client and account were read before the secret was compared. Counts wrong secrets; throws
     * LimitReached.
     */
    async authenticate(
      clientId: string,
      secret: string,
    ): Promise<{ client: Client; account: Account } | undefined> {
      const client = await clients(clientId);
      if (!client?.ownerId) return undefined;
      const account = await accounts.find(client.ownerId);
      return account && (await secrets.matches(client, secret)) ? { client, account } : undefined;
    },
  };
}

export type KeyPairs = ReturnType<typeof createKeyPairs>;

/** The transaction must hold the account's lock. */
async function assertBelowLimit(transaction: Connection, accountId: string): Promise<void> {
  const { live, ever } = await transaction
    .selectFrom('client')
    .select([
      sql<number>`count(*) filter (where deleted_at is null)::integer`.as('live'),
      sql<number>`count(*)::integer`.as('ever'),
    ])
    .where('owner_id', '=', accountId)
    .executeTakeFirstOrThrow();
  // Rows of deleted clients count too: they are kept, because ids are never reused.
  if (ever >= tokenLimits.keyPairsEver)
    throw new OAuthError(
      'conflict',
      `You have created ${tokenLimits.keyPairsEver} key pairs, including deleted ones, which is the maximum. Use an existing one.`,
    );
  if (live >= tokenLimits.keyPairs)
    throw new OAuthError(
      'conflict',
      `You already have ${tokenLimits.keyPairs} key pairs, which is the maximum. Delete one that is no longer used.`,
    );
}
