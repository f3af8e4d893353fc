import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { Connection, Schema } from '../../../db/schema.ts';

/** Events that revoke tokens or change what introspection returns. */
export type ChangeKind =
  | 'token.revoked'
  | 'token.changed'
  | 'grant.revoked'
  | 'client.disabled'
  | 'client.enabled'
  | 'client.deleted'
  | 'client.changed'
  | 'client.tokens_revoked'
  | 'account.disabled'
  | 'account.enabled'
  | 'account.deleted'
  | 'account.changed'
  | 'account.tokens_revoked'
  | 'app.disabled'
  | 'app.enabled'
  | 'app.deleted'
  | 'app.changed'
  | 'key.revoked'
  | 'role.changed';

/** A record of the change feed, which resource servers follow to keep copies of token state up to date. */
export interface Change {
  kind: ChangeKind;
  tokenId?: string;
  /** The audience of the token. */
  audience?: readonly string[] | null;
  clientId?: string;
  grantId?: string;
  accountId?: string;
  /** The app's name. */
  app?: string;
  kid?: string;
  /** Only tokens with this epoch are active from now on. */
  epoch?: number;
}

/**
 * Records a change in the transaction that makes it. Numbers come from one locked row, so their order is commit
 * order: a follower that has seen a number has seen every change before it. Call this last, because the lock is
 * held until the transaction ends.
 */
export async function recordChange(transaction: Connection, change: Change): Promise<void> {
  await sql`
    with counter as (update change_counter set last = last + 1 returning last)
    insert into change (number, kind, token_id, client_id, grant_id, account_id, app, epoch, kid, audience)
    select last, ${change.kind}, ${change.tokenId ?? null}, ${change.clientId ?? null}, ${change.grantId ?? null}::uuid,
      ${change.accountId ?? null}::uuid, ${change.app ?? null}, ${change.epoch ?? null}::integer, ${change.kid ?? null},
      string_to_array(${change.audience?.join(' ') ?? null}::text, ' ')
    from counter`.execute(transaction);
}

/** Changes after the given number, oldest first. */
export function readChanges(
  connection: Connection,
  { after, limit }: { after: number; limit: number },
): Promise<Selectable<Schema['change']>[]> {
  return connection
    .selectFrom('change')
    .selectAll()
    .where('number', '>', after)
    .orderBy('number')
    .limit(limit)
    .execute();
}
