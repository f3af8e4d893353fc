import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import { equal } from '../../crypto/digest.ts';
import { openUnderValue, sealUnderValue } from '../../crypto/sealing.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { redemptionId } from '../tokens/redemptions.ts';

/**
 * Makes something in a transaction, once: whoever sends the same request again gets what the first one
 * made. What is made must be JSON, but for its times. Throws `unprocessable_content` where the key was used for another
 * request, and `conflict` where the request is remembered longer than its answer.
 */
export type Idempotency = <Made>(
  transaction: Connection,
  make: () => Promise<Made>,
) => Promise<Made>;

/** Makes something in a transaction; once, where the caller named the request. */
export const makeOnce = <Made>(
  idempotency: Idempotency | undefined,
  transaction: Connection,
  make: () => Promise<Made>,
): Promise<Made> => (idempotency ? idempotency(transaction, make) : make());

const purpose = 'answer of what is made once';

/**
 * Remembers what a request made, for so many seconds, and that it was made, for as long or longer. What it
 * made is kept sealed under the key of the request and the credential that came with it, so the database
 * cannot read it, and nobody else's key finds it. Two that come at once: the second waits for the first,
 * and gets what that made; where the first failed, it is the first.
 */
export function createIdempotency({
  key,
  credential,
  fingerprint,
  seconds,
  retainSeconds = seconds,
}: {
  /** The caller's name for the request. */
  key: string;
  /** The token, or the value of the session, that came with it. */
  credential: string;
  /** A digest of what makes two requests the same. */
  fingerprint: Buffer;
  /** For which what was made is given again. */
  seconds: number;
  /** Seconds, as many or more, for which the request makes nothing new. */
  retainSeconds?: number;
}): Idempotency {
  const value = JSON.stringify([credential, key]);
  const id = redemptionId('once', value);
  return async (transaction, make) => {
    const { rows: mine } = await sql`
      insert into redemption (id, fingerprint, expires_at)
      values (${id}, ${fingerprint}, now() + ${retainSeconds}::float8 * interval '1 second')
      on conflict (id) do update set fingerprint = excluded.fingerprint, answer = null,
        redeemed_at = clock_timestamp(), expires_at = excluded.expires_at where redemption.expires_at < now()
      returning 1`.execute(transaction);
    if (mine.length > 0) {
      const made = await make();
      await sql`update redemption set answer = ${sealUnderValue(value, purpose, JSON.stringify(made))} where id = ${id}`.execute(
        transaction,
      );
      return made;
    }
    const stored = await transaction
      .selectFrom('redemption')
      .select(['fingerprint', 'answer', isWithin(seconds).as('isWithin')])
      .where('id', '=', id)
      .executeTakeFirst();
    if (!stored?.answer || !stored.fingerprint || !equal(stored.fingerprint, fingerprint))
      throw new OAuthError(
        'unprocessable_content',
        'This key was used for another request already: take a new one for each thing that is made.',
      );
    if (!stored.isWithin)
      throw new OAuthError('conflict', 'This was sent already, and what it made is there.');
    return JSON.parse(openUnderValue(value, purpose, stored.answer), asTime);
  };
}

/** Times come back as such. */
const asTime = (_name: string, value: unknown): unknown =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)
    ? new Date(value)
    : value;

/** Whether something was made no longer ago than this. */
const isWithin = (seconds: number) =>
  sql<boolean>`redeemed_at > now() - ${seconds}::float8 * interval '1 second'`;
