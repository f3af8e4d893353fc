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
import { consentHolds, type RememberedScopes, rememberConsent } from './memory.ts';

/** The decision about an authorization request. */
export interface ConsentDecisionRow extends DecisionRow {
  /**
   * Whether the decision is so recent that a double click, or a retry after a lost response, gets the same redirect
   * again.
   */
  mayResumeAgain: boolean;
}

/** A pending authorization request, by the digest of its id. */
export interface ConsentDecisionTarget extends DecisionTarget {
  /** The redemption id of the pushed authorization request (RFC 9126) that it came from. */
  pushed?: Buffer | undefined;
  /** The lifetime of the authorization code, in seconds. */
  codeLifetime: number;
  /** What the person has allowed and declined on the page, to be remembered. */
  remembers?: readonly RememberedScopes[] | undefined;
  /** Whether the person was not asked, because they have allowed as much before. */
  isRemembered?: boolean | undefined;
  /** What they have allowed before, if they were not asked. */
  restsOn?: readonly RememberedScopes[] | undefined;
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
    // Until the code expires, counted from the last possible redirect.
    redeemableUntil: ({ codeLifetime }) =>
      Date.now() / 1000 + lifetimes.redemptionWindow + codeLifetime,
    details: ({ authTime, context }) => ({ auth_time: authTime, context }),
    write: redeemPushedRequest,
    approved: async (transaction, { remembers = [], restsOn = [], ...target }) => {
      if (!(await consentHolds(transaction, target, restsOn))) throw decideAgain();
      await rememberConsent(transaction, target, remembers);
    },
    approvedEvent: consentGranted,
    deniedEvent: ({ accountId, clientId }) => ({
      action: 'consent.denied',
      target: { kind: 'client', id: clientId },
      details: { account_id: accountId, client_id: clientId },
    }),
  });

/** What the person has allowed before was withdrawn in the meantime. */
export const decideAgain = () =>
  new OAuthError('access_denied', 'Decide again: something has changed.', {
    kind: 'something_changed',
  });

/** The audit event of an approval. */
export const consentGranted = (
  {
    accountId,
    clientId,
    resources,
    authorizationDetails,
    isRemembered = false,
  }: Pick<ApprovedAccess, 'resources' | 'authorizationDetails'> & {
    accountId: string;
    clientId: string;
    isRemembered?: boolean | undefined;
  },
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
    ...(isRemembered && { remembered: true }),
    ...(authorizationDetails?.length && { authorization_details: authorizationDetails }),
  },
});

/** Enforces the single use of a pushed request (RFC 9126 §4), which may have been opened in several browsers. */
async function redeemPushedRequest(
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
      'This request was already answered in another tab or browser. Go back to the app and start again.',
      { kind: 'answered' },
    );
}

export type ConsentDecisions = ReturnType<typeof createConsentDecisions>;
