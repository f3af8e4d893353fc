/**
 * INITIAL ACCESS TOKENS (RFC 7591 §1.2): who has one can register a client. Each is for a number of clients, and expires.
 */
import { sql } from 'kysely';
import { initialAccessTokens } from '../../../../config/client-registration.ts';
import type { Database } from '../../../../db/database.ts';
import type { Connection } from '../../../../db/schema.ts';
import { sha256 } from '../../../crypto/digest.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { actingAccount } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/events.ts';
import { assertAllExist } from '../../database/existence.ts';
import { type Idempotency, runOnce } from '../../database/idempotency.ts';
import { orUnavailable } from '../../database/retry.ts';
import { isUuid } from '../../database/text-checks.ts';
import { displayName } from '../../names/display-names.ts';
import { hintOf, isInitialAccessToken, mintInitialAccessToken } from '../../tokens/value.ts';

/** An initial access token, without its value. */
export interface InitialAccessToken {
  id: string;
  name: string;
  hint: string;
  /** The resources of its clients; empty: those that are open to clients that register themselves. */
  resources: string[];
  uses: number;
  max_uses: number;
  created_at: Date;
  expires_at: Date;
}

/** What a caller chooses. Times in seconds. */
export interface NewInitialAccessToken {
  name: string;
  resources: string[];
  maxUses: number;
  expiresAt: Date;
}

const columns = [
  'id',
  'name',
  'hint',
  'resources',
  'uses',
  'max_uses',
  'created_at',
  'expires_at',
] as const;

/** Creates the operations of administrators. `apiResource` is the identifier of Writ's own API. */
export const createInitialAccessTokens = ({
  database: { kysely },
  apiResource,
}: {
  database: Database;
  apiResource: string;
}) => ({
  /** Those that have not expired, the newest first. */
  list: (): Promise<InitialAccessToken[]> =>
    orUnavailable(() =>
      kysely
        .selectFrom('initial_access_token')
        .select(columns)
        .where('expires_at', '>', sql<Date>`now()`)
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .execute(),
    ),

  /**
   * Creates a token; its value is only returned here. Throws `invalid_request` for a name, a time or a resource that it cannot
   * have, and `conflict` if there are too many.
   */
  create: (
    { name, resources, maxUses, expiresAt }: NewInitialAccessToken,
    idempotency?: Idempotency,
  ): Promise<{ token: InitialAccessToken; value: string }> =>
    orUnavailable(() =>
      kysely.transaction().execute((transaction) =>
        runOnce(idempotency, transaction, async () => {
          if (resources.includes(apiResource))
            throw new OAuthError(
              'invalid_request',
              'Clients that register themselves cannot have this server’s own API.',
              { parameter: 'resources' },
            );
          await assertAllExist(transaction, 'resource', { resources });
          const { count } = await transaction
            .selectFrom('initial_access_token')
            .select(sql<number>`count(*)::integer`.as('count'))
            .where('expires_at', '>', sql<Date>`now()`)
            .executeTakeFirstOrThrow();
          if (count >= initialAccessTokens.max)
            throw new OAuthError(
              'conflict',
              `There are ${initialAccessTokens.max} initial access tokens, which is the maximum. Revoke one that is not needed.`,
            );
          const value = mintInitialAccessToken();
          const token = await transaction
            .insertInto('initial_access_token')
            .values({
              digest: sha256(value),
              name: displayName(name, {
                parameter: 'name',
                maxLength: initialAccessTokens.name,
              }),
              hint: hintOf(value),
              resources,
              max_uses: maxUses,
              created_by: actingAccount(),
              expires_at: expiresAt,
            })
            .returning(columns)
            .executeTakeFirstOrThrow();
          await recordEvent(transaction, {
            action: 'initial_access_token.created',
            target: { kind: 'initial_access_token', id: token.id },
            details: { name: token.name, max_uses: maxUses, expires_at: expiresAt, resources },
          });
          return { token, value };
        }),
      ),
    ),

  /** Revokes a token; clients that it has registered stay. False if there is none. */
  revoke: (id: string): Promise<boolean> =>
    isUuid(id)
      ? orUnavailable(() =>
          kysely.transaction().execute(async (transaction) => {
            const { numDeletedRows } = await transaction
              .deleteFrom('initial_access_token')
              .where('id', '=', id)
              .executeTakeFirst();
            if (numDeletedRows === 0n) return false;
            await recordEvent(transaction, {
              action: 'initial_access_token.revoked',
              target: { kind: 'initial_access_token', id },
            });
            return true;
          }),
        )
      : Promise.resolve(false),
});

export type InitialAccessTokens = ReturnType<typeof createInitialAccessTokens>;

const isUsable = (value: string) =>
  sql<boolean>`digest = ${sha256(value)} and expires_at > now() and uses < max_uses`;

/**
 * Uses a token for one registration, in its transaction: it counts only if the client is created. Undefined if the token is
 * unknown, expired or used up.
 */
export async function useInitialAccessToken(
  transaction: Connection,
  value: string,
): Promise<{ id: string; resources: string[] } | undefined> {
  if (!isInitialAccessToken(value)) return undefined;
  return transaction
    .updateTable('initial_access_token')
    .set((eb) => ({ uses: eb('uses', '+', 1) }))
    .where(isUsable(value))
    .returning(['id', 'resources'])
    .executeTakeFirst();
}

/** Whether a token can be used for a registration now. It counts nothing: `useInitialAccessToken` decides. */
export async function isUsableInitialAccessToken(
  connection: Connection,
  value: string,
): Promise<boolean> {
  if (!isInitialAccessToken(value)) return false;
  const found = await connection
    .selectFrom('initial_access_token')
    .select('id')
    .where(isUsable(value))
    .executeTakeFirst();
  return found !== undefined;
}
