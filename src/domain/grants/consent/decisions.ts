import { lifetimes } from '../../../../config/lifetimes.ts';
import type { Database, Statement } from '../../../../db/database.ts';
import type { Connection } from '../../../../db/schema.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { recordEvent } from '../../audit/events.ts';
import {
  type Approved,
  decide,
  insertGrant,
  readDecision,
  selectDecision,
  unlessTooLate,
} from '../approval.ts';

/** What an authorization request was answered. Times are seconds since 1970. */
export interface ConsentDecision {
  decision: 'approved' | 'denied';
  accountId: string;
  /** Null where it was denied. */
  grantId: string | null;
  /** Nothing has ended since what was allowed: neither the grant, nor the account, nor the client. */
  holds: boolean;
  authTime: number | null;
  /** It was answered a moment ago: who clicked twice, or lost the answer, is led on once more. */
  mayResumeAgain: boolean;
}

/** A request that somebody answers. */
export interface AnsweringConsent {
  /** The digest of its id. */
  id: Buffer;
  /** When it can no longer be answered, in seconds since 1970. */
  expiresAt: number;
  accountId: string;
  /** The public `client_id`. */
  clientId: string;
  /** The mark of the pushed request (RFC 9126) that it came by, which is good for one answer. */
  pushed?: Buffer | undefined;
}

export interface ConsentApproval extends AnsweringConsent, Approved {
  /** When the person gave a password, in seconds since 1970. */
  authTime?: number | undefined;
}

const find: Statement = {
  name: 'consent-decision',
  text: selectDecision(
    'consent_decision',
    `d.decided_at > now() - $2::float8 * interval '1 second' as "mayResumeAgain"`,
  ),
};

/** What people answered apps that asked in a browser: one row a request, in Postgres, so that the first answer holds. */
export function createConsentDecisions({ database }: { database: Database }) {
  return {
    /** What the request with this id was answered, and what time it is. */
    find: (id: Buffer) =>
      readDecision<ConsentDecision>(database, find, [id, lifetimes.redemptionWindow]),

    /**
     * Lets the client have what it asked for: a grant of its own, and the answer, in one transaction.
     * False where it was answered before, or too much time has passed. Throws `access_denied` where the
     * account or the client may not, or not any more.
     */
    approve: (approval: ConsentApproval): Promise<boolean> =>
      unlessTooLate(database, approval.accountId, async (transaction) => {
        const { accountId, clientId, resources } = approval;
        // As long as its code can be on its way.
        const redeemableUntil =
          Date.now() / 1000 + lifetimes.redemptionWindow + lifetimes.authorizationCode;
        const { grantId, scope } = await insertGrant(transaction, approval, redeemableUntil);
        await decide(transaction, 'consent_decision', {
          ...approval,
          decision: 'approved',
          grantId,
          kept: { auth_time: approval.authTime },
        });
        await usePushed(transaction, approval);
        await recordEvent(transaction, {
          action: 'consent.granted',
          target: { kind: 'client', id: clientId },
          details: {
            account_id: accountId,
            client_id: clientId,
            grant_id: grantId,
            scope,
            resources: [...resources.keys()],
          },
        });
      }),

    /** Lets the client have nothing. False where it was answered before, or too much time has passed. */
    deny: (answering: AnsweringConsent): Promise<boolean> =>
      unlessTooLate(database, answering.accountId, async (transaction) => {
        const { accountId, clientId } = answering;
        await decide(transaction, 'consent_decision', {
          ...answering,
          decision: 'denied',
          grantId: null,
          kept: {},
        });
        await usePushed(transaction, answering);
        await recordEvent(transaction, {
          action: 'consent.denied',
          target: { kind: 'client', id: clientId },
          details: { account_id: accountId, client_id: clientId },
        });
      }),
  };
}

/** A pushed request is used once (RFC 9126 §4), in however many browsers its address was opened. */
async function usePushed(transaction: Connection, { pushed, id }: AnsweringConsent): Promise<void> {
  if (!pushed) return;
  const expiresAt = new Date(Date.now() + lifetimes.redeemedCodeMark * 1000);
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('redemption')
    .values({ id: pushed, fingerprint: id, answer: null, expires_at: expiresAt })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows !== 1n)
    throw new OAuthError(
      'access_denied',
      'This was answered already, in another tab or browser. Go back to the app and start again.',
    );
}

export type ConsentDecisions = ReturnType<typeof createConsentDecisions>;
