import { sql } from 'kysely';
import { logoutDelivery } from '../../../config/logout.ts';
import type { Connection } from '../../../db/schema.ts';
import { noteLogout } from '../audit/request-context.ts';

/** A client to notify of an ended session. `client` is its internal ID. */
export interface NewLogoutNotice {
  client: string;
  accountId: string;
  sid: string;
}

/**
 * Queues notices for clients (OpenID Connect Back-Channel Logout 1.0). They are sent after the transaction commits, and wait
 * in the database while a client is unreachable.
 */
export async function recordLogoutNotices(
  transaction: Connection,
  notices: readonly NewLogoutNotice[],
): Promise<void> {
  if (notices.length === 0) return;
  await transaction
    .insertInto('logout_notice')
    .values(
      notices.map(({ client, accountId, sid }) => ({
        client_id: client,
        account_id: accountId,
        sid,
        expires_at: sql<Date>`now() + ${logoutDelivery.givenUpAfter} * interval '1 second'`,
      })),
    )
    .execute();
  noteLogout();
}

/** A notice that is due. `clientId` is the public ID of the client. */
export interface LogoutNotice {
  id: string;
  clientId: string;
  accountId: string;
  sid: string | null;
  attempts: number;
}

/** What became of an attempt: `pointless` if the client no longer wants notices, `failed` if it can be repeated. */
export type LogoutAttempt =
  | { outcome: 'delivered' | 'pointless' }
  | { outcome: 'refused' | 'failed'; error: unknown };

/** Notifies a client that a session ended. Implemented by the protocol. */
export type SendLogout = (notice: LogoutNotice) => Promise<LogoutAttempt>;
