/**
 * BROWSERS THAT ARE NOT ASKED FOR A SECOND FACTOR, because the person chose so after they proved one there. The cookie
 * replaces the second factor only. It ends with its time, with a change of the password or of a factor, and when the
 * person signs out everywhere.
 */
import { sql } from 'kysely';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { sha256 } from '../../crypto/digest.ts';
import { lengthOf256Bits, randomAlphanumeric } from '../../crypto/random.ts';
import { recordEvent } from '../audit/events.ts';
import { orUnavailable } from '../database/retry.ts';
import { plainAddress } from '../limits/ip-address.ts';
import type { MarkedAccount } from './known-browsers.ts';
import { byPerson, lockAccount, maxUserAgentLength, type SignInOrigin } from './sessions.ts';

/** A remembered browser as its owner sees it. */
export interface RememberedBrowser {
  id: string;
  created_at: Date;
  last_used_at: Date;
  expires_at: Date;
  ip: string | null;
  user_agent: string | null;
}

/** Browsers of an account that are kept; the least recently used ones beyond that are forgotten. */
const maxPerAccount = 20;

const looksLikeValue = (value: string): boolean =>
  value.length === lengthOf256Bits && /^[0-9A-Za-z]+$/.test(value);

/** Whether the browser with this cookie is remembered for the account and its current password. */
export async function isRememberedBrowser(
  transaction: Connection,
  { id, passwordVersion }: MarkedAccount,
  value: string | undefined,
): Promise<boolean> {
  if (!value || !looksLikeValue(value)) return false;
  const { numUpdatedRows } = await transaction
    .updateTable('remembered_browser')
    .set({ last_used_at: sql<Date>`now()` })
    .where('digest', '=', sha256(value))
    .where('account_id', '=', id)
    .where('expires_at', '>', sql<Date>`now()`)
    .where(sql<boolean>`password_version is not distinct from ${passwordVersion}`)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Remembers a browser for `days`, and returns the value of its cookie. */
export async function rememberBrowser(
  transaction: Connection,
  { id, passwordVersion }: MarkedAccount,
  { ip, userAgent }: Pick<SignInOrigin, 'ip' | 'userAgent'>,
  days: number,
): Promise<string> {
  const value = randomAlphanumeric(lengthOf256Bits);
  await transaction
    .deleteFrom('remembered_browser')
    .where('id', 'in', (query) =>
      query
        .selectFrom('remembered_browser')
        .select('id')
        .where('account_id', '=', id)
        .orderBy('last_used_at', 'desc')
        .orderBy('id')
        .offset(maxPerAccount - 1),
    )
    .execute();
  await transaction
    .insertInto('remembered_browser')
    .values({
      account_id: id,
      digest: sha256(value),
      password_version: passwordVersion,
      expires_at: sql<Date>`now() + ${days} * interval '1 day'`,
      ip: ip ? plainAddress(ip) : null,
      user_agent: userAgent?.replaceAll('\0', '').slice(0, maxUserAgentLength) || null,
    })
    .execute();
  return value;
}

/** Forgets all browsers of an account, and returns their number. */
export async function forgetBrowsers(transaction: Connection, accountId: string): Promise<number> {
  const { numDeletedRows } = await transaction
    .deleteFrom('remembered_browser')
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

export function createRememberedBrowsers({
  database: { kysely },
}: {
  database: Pick<Database, 'kysely'>;
}) {
  return {
    /** The browsers of an account that are remembered, most recently used first. */
    list: (accountId: string): Promise<RememberedBrowser[]> =>
      orUnavailable(() =>
        kysely
          .selectFrom('remembered_browser as b')
          .innerJoin('account as a', 'a.id', 'b.account_id')
          .select([
            'b.id',
            'b.created_at',
            'b.last_used_at',
            'b.expires_at',
            'b.ip',
            'b.user_agent',
          ])
          .where('b.account_id', '=', accountId)
          .where('b.expires_at', '>', sql<Date>`now()`)
          .where(
            sql<boolean>`b.password_version is not distinct from extract(epoch from a.password_changed_at)::text`,
          )
          .orderBy('b.last_used_at', 'desc')
          .orderBy('b.id')
          .execute(),
      ),

    /** Forgets all browsers of a person. */
    forgetAll: (accountId: string, ip: string | undefined): Promise<void> =>
      orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          await lockAccount(transaction, accountId);
          const forgotten = await forgetBrowsers(transaction, accountId);
          if (forgotten === 0) return;
          await byPerson(accountId, ip, () =>
            recordEvent(transaction, {
              action: 'account.browsers_forgotten',
              target: { kind: 'account', id: accountId },
              details: { browsers: forgotten },
            }),
          );
        }),
      ),
  };
}

export type RememberedBrowsers = ReturnType<typeof createRememberedBrowsers>;
