import { lifetimes } from '../../../../config/lifetimes.ts';
import type { Database, Statement } from '../../../../db/database.ts';
import type { Connection } from '../../../../db/schema.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import type { NewAuditEvent } from '../../audit/types.ts';
import type { ApprovedAccess } from '../approved-access.ts';
import {
  createDecisions,
  type DecisionRow,
  type DecisionTarget,
  selectDecision,
} from '../decide-once.ts';

/** The decision about an authorization request. */
export interface ConsentDecisionRow extends DecisionRow {
  /** It was decided a moment ago: a double click, or a lost response, leads on once more. */
  mayResumeAgain: boolean;
}

/** An authorization request that waits for a decision, by the digest of its id. */
export interface ConsentDecisionTarget extends DecisionTarget {
  /** The mark of the pushed request (RFC 9126) that it came by, which is good for one decision. */
  pushed?: Buffer | undefined;
  /** Seconds that the code of an approval lives. */
  codeLifetime: number;
}

const statement: Statement = {
  name: 'consent-decision',
  text: selectDecision(
    'consent_decision',
    `d.decided_at > now() - $2::float8 * interval '1 second' as "mayResumeAgain"`,
  ),
};

/** Decisions about authorization requests (RFC 6749 §4.1.1). */
export const createConsentDecisions = ({ database }: { database: Database }) =>
  createDecisions<ConsentDecisionTarget, ConsentDecisionRow>(database, {
    table: 'consent_decision',
    statement,
    values: [lifetimes.redemptionWindow],
    // As long as its code can be on its way.
    redeemableUntil: ({ codeLifetime }) =>
      Date.now() / 1000 + lifetimes.redemptionWindow + codeLifetime,
    details: ({ authTime }) => ({ auth_time: authTime }),
    write: usePushed,
    approvedEvent: consentGranted,
    deniedEvent: ({ accountId, clientId }) => ({
      action: 'consent.denied',
      target: { kind: 'client', id: clientId },
      details: { account_id: accountId, client_id: clientId },
    }),
  });

/** The audit event of an approval. */
export const consentGranted = (
  {
    accountId,
    clientId,
    resources,
    authorizationDetails,
  }: ApprovedAccess & { accountId: string; clientId: string },
  { grantId, scope }: { grantId: string; scope: string },
): NewAuditEvent => ({
  action: 'consent.granted',
  target: { kind: 'client', id: clientId },
  details: {
    account_id: accountId,
    client_id: clientId,
    grant_id: grantId,
    scope,
    resources: [...resources.keys()],
    ...(authorizationDetails?.length && { authorization_details: authorizationDetails }),
  },
});

/** A pushed request is used once (RFC 9126 §4), in however many browsers its address was opened. */
async function usePushed(
  transaction: Connection,
  { pushed, id }: ConsentDecisionTarget,
): Promise<void> {
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
