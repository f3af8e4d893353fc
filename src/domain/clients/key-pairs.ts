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

/** A key pair as its person sees it. */
export interface KeyPair {
  /** What it is deleted by; the `client_id` is for programs. */
  id: string;
  clientId: string;
  /** What it is a key pair of. */
  name: string;
  createdAt: Date;
  /** When its secret was used last, to the minute. */
  lastUsedAt: Date | null;
}

/** What the tokens of a new key pair are for, and how many seconds they live. */
export interface NewKeyPair {
  name: string;
  resource: string;
  accessTokenTtl: number;
  refreshTokenTtl: number;
}

/**
 * KEY PAIRS OF PEOPLE: clients that an account owns, with one secret that is shown once. Their tokens stand for the
 * person at one resource. They have no OAuth grant: what a pair is exchanged for is in `tokens/key-pair-tokens.ts`.
 * They authenticate at introspection and revocation like every confidential client.
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

  /** The `client_id` of one of the person's. */
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
     * Creates a pair: an id of 20 random bytes and a secret of 40, in hexadecimal digits. Throws `conflict` where the
     * person has as many as they can, `access_denied` where the account is disabled.
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

    /** Newest first. */
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

    /** Deletes one of the person's, with every token that was issued for it. False where they have none of that id. */
    delete: (accountId: string, id: string, ip?: string): Promise<boolean> =>
      orUnavailable(async () => {
        const clientId = await clientIdOf(kysely, accountId, id);
        if (clientId === undefined) return false;
        return byPerson(accountId, ip, () => store.delete(clientId));
      }),

    /** Ends every token that was issued for one of the person's; the pair stays. False where they have none of that id. */
    revokeTokens: (accountId: string, id: string): Promise<boolean> =>
      orUnavailable(async () => {
        const clientId = await clientIdOf(kysely, accountId, id);
        if (clientId === undefined) return false;
        return byPerson(accountId, undefined, () => store.revokeTokens(clientId));
      }),

    /**
     * The client and the person of a pair, as they were before its secret was compared. Undefined where it is none, or
     * its person is disabled. Wrong secrets are counted; throws LimitReached.
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

/** Call it in a transaction that holds the account. */
async function assertBelowLimit(transaction: Connection, accountId: string): Promise<void> {
  const { live, ever } = await transaction
    .selectFrom('client')
    .select([
      sql<number>`count(*) filter (where deleted_at is null)::integer`.as('live'),
      sql<number>`count(*)::integer`.as('ever'),
    ])
    .where('owner_id', '=', accountId)
    .executeTakeFirstOrThrow();
  // Rows of deleted clients stay: an id is never used again.
  if (ever >= tokenLimits.keyPairsEver)
    throw new OAuthError(
      'conflict',
      `A person creates at most ${tokenLimits.keyPairsEver} key pairs in all: use one of those that you have.`,
    );
  if (live >= tokenLimits.keyPairs)
    throw new OAuthError(
      'conflict',
      `A person has at most ${tokenLimits.keyPairs} key pairs: delete one that is no longer used.`,
    );
}
