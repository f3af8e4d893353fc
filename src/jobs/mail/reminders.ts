import { sql } from 'kysely';
import { expiryReminders } from '../../../config/tokens.ts';
import type { Database } from '../../../db/database.ts';
import { recordMail } from '../../domain/mail/outbox.ts';
import { alive, withParties } from '../../domain/tokens/token-state.ts';
import { publicId } from '../../domain/tokens/value.ts';

const thresholds = [...expiryReminders].sort((a, b) => a - b);
const furthest = Math.max(...thresholds);
/** The maximum number of emails that one search records. */
export const batchSize = 1_000;
/** A token of seven days by the clock of a process can be slightly longer by the database's. */
const leeway = '1 hour';

/** The key that keeps a reminder from being sent twice; a changed expiry gives a new one. */
const once = sql`'expiring:' || encode(t.key, 'hex') || ':' || extract(epoch from t.expires_at)::bigint || ':' || due.days`;

/**
 * Records reminders for people whose personal access tokens expire soon. Only the nearest threshold counts: not those
 * that an outage missed, and none that is longer than the lifetime of the token. Regenerated tokens expire without a
 * reminder. Returns how many were recorded; if it is `batchSize`, there can be more.
 */
export async function remindOfExpiry({ kysely }: Database): Promise<number> {
  const { rows } = await sql<{
    partition: number;
    key: Buffer;
    account_id: string;
    days: number;
    once: string;
  }>`
      select t.shelf as partition, t.key, t.account_id, due.days, ${once} as once
      from token_shelf_0 t
      cross join lateral (select min(days) as days from unnest(${thresholds}::integer[]) as days
        where t.expires_at <= now() + days * interval '1 day' and t.expires_at - t.issued_at > days * interval '1 day' + ${sql.lit(leeway)}::interval) due ${sql.raw(withParties)}
      where t.expires_at > now() and t.expires_at <= now() + ${furthest} * interval '1 day'
        and t.kind = 'personal_access_token' and t.successor is null and a.email is not null and ${sql.raw(alive)}
        and due.days is not null and not exists (select from mail where mail.once = ${once})
      limit ${batchSize}`.execute(kysely);
  for (const { partition, key, account_id, days, once } of rows)
    await recordMail(kysely, {
      kind: 'token_expiring',
      accountId: account_id,
      details: { token_id: publicId({ partition, key }), days },
      once,
    });
  return rows.length;
}
