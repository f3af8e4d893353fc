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
  /** The name of the app that its clients belong to, and their role; null for those of the installation. */
  app: string | null;
  role: string | null;
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

/** The columns of `InitialAccessToken`. */
export const tokenColumns = [
  'id',
  'name',
  'hint',
  'resources',
  sql<string | null>`(select a.name from app a where a.id = initial_access_token.app_id)`.as('app'),
  'app_role as role',
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
  /** Those that have not expired, the newest first, with those of apps. */
  list: (): Promise<InitialAccessToken[]> =>
    orUnavailable(() =>
      kysely
        .selectFrom('initial_access_token')
        .select(tokenColumns)
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
            .where('app_id', 'is', null)
            .executeTakeFirstOrThrow();
          if (count >= initialAccessTokens.max)
            throw new OAuthError(
              'conflict',
              `There are ${initialAccessTokens.max} initial access tokens, which is the maximum. Revoke one that is not needed.`,
            );
          return insertInitialAccessToken(transaction, {
            name,
            resources,
            maxUses,
            expiresAt,
            createdBy: actingAccount(),
            app: null,
          });
        }),
      ),
    ),

  /** Revokes a token; clients that it has registered stay. False if there is none. */
  revoke: (id: string): Promise<boolean> =>
    isUuid(id)
      ? orUnavailable(() =>
          kysely.transaction().execute(async (transaction) => {
            const deleted = await transaction
              .deleteFrom('initial_access_token')
              .where('id', '=', id)
              .returning('app_id')
              .executeTakeFirst();
            if (!deleted) return false;
            await recordEvent(transaction, {
              action: 'initial_access_token.revoked',
              target: { kind: 'initial_access_token', id },
              app: deleted.app_id,
            });
            return true;
          }),
        )
      : Promise.resolve(false),
});

export type InitialAccessTokens = ReturnType<typeof createInitialAccessTokens>;

/** Stores a new token, in the transaction of a caller who has checked the actor. */
export async function insertInitialAccessToken(
  transaction: Connection,
  {
    name,
    resources,
    maxUses,
    expiresAt,
    createdBy,
    app,
  }: NewInitialAccessToken & {
    createdBy: string | null;
    app: { id: string; role: string } | null;
  },
): Promise<{ token: InitialAccessToken; value: string }> {
  const value = mintInitialAccessToken();
  const token = await transaction
    .insertInto('initial_access_token')
    .values({
      digest: sha256(value),
      name: displayName(name, { parameter: 'name', maxLength: initialAccessTokens.name }),
      hint: hintOf(value),
      resources,
      max_uses: maxUses,
      created_by: createdBy,
      app_id: app?.id ?? null,
      app_role: app?.role ?? null,
      expires_at: expiresAt,
    })
    .returning(tokenColumns)
    .executeTakeFirstOrThrow();
  await recordEvent(transaction, {
    action: 'initial_access_token.created',
    target: { kind: 'initial_access_token', id: token.id },
    details: {
      name: token.name,
      max_uses: maxUses,
      expires_at: expiresAt,
      ...(app ? { role: app.role } : { resources }),
    },
    app: app?.id ?? null,
  });
  return { token, value };
}

const isUsable = (value: string) =>
  sql<boolean>`digest = ${sha256(value)} and expires_at > now() and uses < max_uses and (app_id is null or exists (
    select from app a where a.id = app_id and a.disabled_at is null and a.deleted_at is null))`;

/** A token that is used for a registration. */
interface UsedToken {
  id: string;
  resources: string[];
  /** The app of the client; null for the installation. */
  app: { appId: string; role: string; createdBy: string | null } | null;
}

/**
 * Uses a token for one registration, in its transaction: it counts only if the client is created. Undefined if the token is
 * unknown, expired or used up.
 */
export async function useInitialAccessToken(
  transaction: Connection,
  value: string,
): Promise<UsedToken | undefined> {
  if (!isInitialAccessToken(value)) return undefined;
  // The app before its token, as everywhere.
  await sql`select from app where id = (select app_id from initial_access_token
    where digest = ${sha256(value)}) for no key update`.execute(transaction);
  const used = await transaction
    .updateTable('initial_access_token')
    .set((eb) => ({ uses: eb('uses', '+', 1) }))
    .where(isUsable(value))
    .returning(['id', 'resources', 'app_id', 'app_role', 'created_by'])
    .executeTakeFirst();
  if (!used) return undefined;
  const { id, resources, app_id: appId, app_role: role, created_by: createdBy } = used;
  return { id, resources, app: appId === null ? null : { appId, role: role ?? '', createdBy } };
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
