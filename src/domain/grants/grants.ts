import { sql } from 'kysely';
import type { Database, Statement } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { recordChange } from '../audit/change-feed.ts';
import { recordEvent } from '../audit/events.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { requireMayManageAccount } from '../roles/rules.ts';

/** A person's approval of access for a client. All tokens issued from it are revoked with it. */
export interface Grant {
  id: string;
  accountId: string;
  /** The public `client_id`. */
  clientId: string;
  epoch: number;
  /** The engine's Grant model: scopes per resource, expiry, and the epochs of the approval. */
  payload: Record<string, unknown>;
  /** Whether it is a login in a browser that is known, so a later one there replaces it. */
  hasBrowser?: boolean;
}

const find: Statement = {
  name: 'grant-find',
  text: `select g.id, g.account_id as "accountId", c.client_id as "clientId", g.epoch, g.payload
    from oauth_grant g join client c on c.id = g.client_id
    where g.id = $1::uuid and g.revoked_at is null`,
};

const save: Statement = {
  name: 'grant-save',
  idempotent: true,
  text: `insert into oauth_grant (id, account_id, client_id, payload, live_until)
    select $1::uuid, $2::uuid, id, $4::jsonb, now() + interval '1 day' from client where client_id = $3
    on conflict (id) do update set payload = excluded.payload where oauth_grant.revoked_at is null`,
};

/**
 * Why a grant was revoked. `reuse`: an authorization code or refresh token was used twice (RFC 6749 §4.1.2, RFC 9700
 * §4.14.2). `owner`: the person disconnected the client. `client`: the client revoked its token (RFC 7009). `signed_out`: the
 * browser session in which the person allowed it ended. `replaced`: the person logged in to the client again in the same
 * browser.
 */
export type RevokedBecause = 'reuse' | 'owner' | 'client' | 'signed_out' | 'replaced';

interface RevocationDetails {
  /** Revoke only if the grant belongs to this account. */
  accountId?: string | undefined;
  /** The public id of the reused refresh token. */
  tokenId?: string | undefined;
}

/** The earlier logins of the same account at the same client in the same browser. */
const earlier: Statement = {
  name: 'grant-earlier',
  text: `select o.id from oauth_grant g join oauth_grant o on o.account_id = g.account_id and o.client_id = g.client_id
      and o.browser = g.browser and o.id <> g.id and o.created_at < g.created_at
    where g.id = $1::uuid and not g.payload ? 'keeps_others' and o.revoked_at is null
    order by o.created_at, o.id limit 50`,
};

/** Days to keep a grant that was revoked for reuse: one more than the list of connected clients shows it. */
const retainAfterReuse = 31;

/** Stores grants. Revoking one raises its epoch, which revokes all of its tokens in a single write. */
export function createGrants({ database }: { database: Database }) {
  return {
    /** The grant with this id, unless it is revoked. */
    async find(id: string): Promise<Grant | undefined> {
      if (!isUuid(id)) return undefined;
      const [row] = await orUnavailable(() => database.query<Grant>(find, [id]));
      return row;
    },

    /** Creates a grant, or replaces its payload unless it is revoked. */
    async save({ id, accountId, clientId, payload }: Omit<Grant, 'epoch'>): Promise<void> {
      await orUnavailable(() =>
        database.query(save, [id, accountId, clientId, JSON.stringify(payload)]),
      );
    },

    /** Revokes a grant. Returns false if it does not exist or is revoked already. */
    async revoke(
      id: string,
      because?: RevokedBecause,
      { accountId, tokenId }: RevocationDetails = {},
    ): Promise<boolean> {
      if (!isUuid(id)) return false;
      return orUnavailable(() =>
        database.kysely
          .transaction()
          .execute((transaction) => revokeGrant(transaction, id, because, { accountId, tokenId })),
      );
    },

    /**
     * Revokes a grant on behalf of an administrator. Returns false if it does not exist or is revoked already. Throws `access_denied`
     * if the actor is not allowed to manage the account.
     */
    async end(actor: ManagementActor, id: string): Promise<boolean> {
      if (!isUuid(id)) return false;
      return orUnavailable(() =>
        database.kysely.transaction().execute(async (transaction) => {
          const grant = await transaction
            .selectFrom('oauth_grant')
            .select('account_id')
            .where('id', '=', id)
            .executeTakeFirst();
          if (!grant) return false;
          await requireMayManageAccount(transaction, actor, grant.account_id);
          return revokeGrant(transaction, id, undefined);
        }),
      );
    },

    /**
     * Revokes the logins that the login of this grant replaces: earlier ones at the same client in the same browser, of
     * the same account. Idempotent.
     */
    async replaceEarlier(id: string): Promise<void> {
      const logins = await orUnavailable(() => database.query<{ id: string }>(earlier, [id]));
      for (const login of logins) await this.revoke(login.id, 'replaced');
    },
  };
}

/**
 * Revokes a grant in a transaction. Returns false if it does not exist or is revoked already. Must come last in its
 * transaction, because `recordChange` locks the change counter, which other revocations wait for.
 */
export async function revokeGrant(
  transaction: Connection,
  id: string,
  because: RevokedBecause | undefined,
  { accountId, tokenId }: RevocationDetails = {},
): Promise<boolean> {
  const revoked = await transaction
    .updateTable('oauth_grant')
    .from('client')
    .set((eb) => ({
      revoked_at: eb.fn<Date>('now'),
      revoked_because: because ?? null,
      epoch: eb('oauth_grant.epoch', '+', 1),
      // Keeps the grant visible to its owner even if its tokens would have expired soon.
      ...(because === 'reuse' && {
        live_until: sql<Date>`greatest(live_until, now() + ${retainAfterReuse} * interval '1 day')`,
      }),
    }))
    .whereRef('client.id', '=', 'oauth_grant.client_id')
    .where('oauth_grant.id', '=', id)
    .where('oauth_grant.revoked_at', 'is', null)
    .$if(accountId !== undefined, (query) => query.where('account_id', '=', String(accountId)))
    .returning(['oauth_grant.account_id', 'oauth_grant.epoch', 'client.client_id'])
    .executeTakeFirst();
  if (!revoked) return false;
  const { account_id, client_id } = revoked;
  const target = { kind: 'grant', id } as const;
  if (because === 'reuse' && tokenId)
    await recordEvent(transaction, {
      action: 'refresh_token.reused',
      target,
      details: { account_id, client_id, token_id: tokenId },
    });
  await recordEvent(transaction, {
    action: 'grant.revoked',
    target,
    details: { account_id, client_id, ...(because && { revoked_because: because }) },
  });
  await recordChange(transaction, {
    kind: 'grant.revoked',
    grantId: id,
    clientId: client_id,
    accountId: account_id,
    epoch: revoked.epoch,
  });
  return true;
}

export type Grants = ReturnType<typeof createGrants>;
