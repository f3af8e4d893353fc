/** What follows when a second factor is added or removed. */
import type { Connection } from '../../../db/schema.ts';
import { recordEvent } from '../audit/events.ts';
import { type FactorName, recordMail } from '../mail/outbox.ts';
import { forgetBrowsers } from './remembered-browsers.ts';

/**
 * Records that a second factor was added or removed, notifies the person, and forgets the browsers that are not asked for
 * one. Runs as the person, in the transaction of the change.
 */
export async function recordFactorChange(
  transaction: Connection,
  { accountId, factor, change }: { accountId: string; factor: FactorName; change: FactorChange },
): Promise<void> {
  await forgetBrowsers(transaction, accountId);
  await recordEvent(transaction, {
    action: `account.${change}`,
    target: { kind: 'account', id: accountId },
    details: { factor },
  });
  await recordMail(transaction, {
    kind: change,
    accountId,
    details: { factor, at: new Date().toISOString() },
  });
}

type FactorChange = 'factor_added' | 'factor_removed';
