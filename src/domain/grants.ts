import type { Database, Statement } from '../../db/database.ts';
import type { Connection } from '../../db/schema.ts';
import { recordEvent } from './audit.ts';
import { recordChange } from './changes.ts';
import { orUnavailable, retryLostConnection } from './retry.ts';
import { isUuid } from './uuid.ts';

/** What a person let a client do. */
export interface Grant {
  id: string;
  accountId: string;
  /** The public `client_id`. */
  clientId: string;
  epoch: number;
  payload: Record<string, unknown>;
}

const find: Statement = {
  name: 'grant-find',
  text: `select g.id, g.account_id as "accountId", c.client_id as "clientId", g.epoch, g.payload
    from oauth_grant g join client c on c.id = g.client_id
    where g.id = $1::uuid and g.revoked_at is null`,
};

const save: Statement = {
  name: 'grant-save',
  text: `insert into oauth_grant (id, account_id, client_id, payload, live_until)
    select $1::uuid, $2::uuid, id, $4::jsonb, now() + interval '1 day' from client where client_id = $3
    on conflict (id) do update set payload = excluded.payload where oauth_grant.revoked_at is null`,
};

/** Keeps grants. One that is revoked ends all of its tokens in that one write. */
export function createGrants({ database }: { database: Database }) {
  return {
    async find(id: string): Promise<Grant | undefined> {
      if (!isUuid(id)) return undefined;
      const [row] = await retryLostConnection(() => database.query<Grant>(find, [id]));
      return row;
    },

    async save({ id, accountId, clientId, payload }: Omit<Grant, 'epoch'>): Promise<void> {
      await orUnavailable(() =>
        database.query(save, [id, accountId, clientId, JSON.stringify(payload)]),
      );
    },

    async revoke(id: string): Promise<void> {
      if (!isUuid(id)) return;
      await orUnavailable(() =>
        database.kysely.transaction().execute((transaction) => revokeGrant(transaction, id)),
      );
    },
  };
}

async function revokeGrant(transaction: Connection, id: string): Promise<void> {
  const revoked = await transaction
    .updateTable('oauth_grant')
    .set((eb) => ({ revoked_at: eb.fn<Date>('now'), epoch: eb('epoch', '+', 1) }))
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returning(['account_id', 'epoch'])
    .executeTakeFirst();
  if (!revoked) return;
  await recordEvent(transaction, {
    action: 'grant.revoked',
    target: { kind: 'grant', id },
    details: { account_id: revoked.account_id },
  });
  await recordChange(transaction, {
    kind: 'grant.revoked',
    grantId: id,
    accountId: revoked.account_id,
    epoch: revoked.epoch,
  });
}

export type Grants = ReturnType<typeof createGrants>;
