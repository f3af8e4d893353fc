import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import { equal } from '../../crypto/digest.ts';
import { openUnderValue, sealUnderValue } from '../../crypto/sealing.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { redemptionId } from '../tokens/redemptions.ts';

/**
 * Runs a creation in a transaction once: a repeated request gets the result of the first one. The result must be
 * JSON, except that Dates survive. Throws `unprocessable_content` if the key was used for a different request, and
 * `conflict` if the request is still remembered but its result is not.
 */
export type Idempotency = <Created>(
  transaction: Connection,
  create: () => Promise<Created>,
) => Promise<Created>;

/** Runs a creation in a transaction, at most once if the caller sent an idempotency key. */
export const runOnce = <Created>(
  idempotency: Idempotency | undefined,
  transaction: Connection,
  create: () => Promise<Created>,
): Promise<Created> => (idempotency ? idempotency(transaction, create) : create());

/** Part of the sealing key: another text makes stored results unreadable. */
const purpose = 'answer of what is made once';

/**
 * Remembers a request and its result. The result is sealed under the idempotency key and the credential that came
 * with it, so the database cannot read it and no other caller can find it. Of two concurrent requests the second
 * waits for the first and gets its result; if the first fails, the second runs instead.
 */
export function createIdempotency({
  key,
  credential,
  fingerprint,
  seconds,
  retainSeconds = seconds,
}: {
  /** The idempotency key that the caller chose. */
  key: string;
  /** The token or session value of the request. */
  credential: string;
  /** A digest that is equal for equal requests. */
  fingerprint: Buffer;
  /** Seconds for which a repeated request gets the result. */
  seconds: number;
  /** Seconds for which a repeated request creates nothing; at least `seconds`. */
  retainSeconds?: number;
}): Idempotency {
  const value = JSON.stringify([credential, key]);
  const id = redemptionId('once', value);
  return async (transaction, create) => {
    const { rows: inserted } = await sql`
      insert into redemption (id, fingerprint, expires_at)
      values (${id}, ${fingerprint}, now() + ${retainSeconds}::float8 * interval '1 second')
      on conflict (id) do update set fingerprint = excluded.fingerprint, answer = null,
        redeemed_at = clock_timestamp(), expires_at = excluded.expires_at where redemption.expires_at < now()
      returning 1`.execute(transaction);
    if (inserted.length > 0) {
      const created = await create();
      await sql`update redemption set answer = ${sealUnderValue(value, purpose, JSON.stringify(created))} where id = ${id}`.execute(
        transaction,
      );
      return created;
    }
    const stored = await transaction
      .selectFrom('redemption')
      .select(['fingerprint', 'answer', isWithin(seconds).as('isWithin')])
      .where('id', '=', id)
      .executeTakeFirst();
    if (!stored?.answer || !stored.fingerprint || !equal(stored.fingerprint, fingerprint))
      throw new OAuthError(
        'unprocessable_content',
        'This idempotency key was already used for a different request. Use a new key for each request.',
      );
    if (!stored.isWithin)
      throw new OAuthError(
        'conflict',
        'This request was already sent and has succeeded; its response is no longer available.',
      );
    return JSON.parse(openUnderValue(value, purpose, stored.answer), asTime);
  };
}

/** Revives dates. */
const asTime = (_name: string, value: unknown): unknown =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)
    ? new Date(value)
    : value;

/** SQL: whether the request is no older than this. */
const isWithin = (seconds: number) =>
  sql<boolean>`redeemed_at > now() - ${seconds}::float8 * interval '1 second'`;
