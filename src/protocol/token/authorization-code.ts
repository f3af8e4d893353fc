/** THE AUTHORIZATION CODE GRANT (RFC 6749 §4.1.3), with PKCE (RFC 7636), which the engine verifies. */
import type { AdapterPayload } from 'oidc-provider';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { GrantStates } from '../../domain/grants/grant-state.ts';
import type { RedemptionPolicy } from '../engine/request-scope.ts';
import { cacheApprovedParties } from './parties.ts';

/**
 * A code is redeemed once, and its response is given once; a second redemption revokes the grant
 * (RFC 6749 §4.1.2). A request that began before the first was committed is a double click and no theft:
 * it only loses.
 */
export const authorizationCodeRedemption: RedemptionPolicy = {
  retainSeconds: lifetimes.redeemedCodeMark,
  repeatsResponse: false,
  isConcealed: ({ redeemedAt }, startedAt) => startedAt < redeemedAt,
};

/** A code is valid while what the person approved holds: whatever ends the grant in between ends the code as well. */
export async function whileApproved(
  code: AdapterPayload | undefined,
  grantStates: GrantStates,
): Promise<AdapterPayload | undefined> {
  if (!code?.grantId) return code;
  const state = await grantStates.find(code.grantId);
  if (!state) return code;
  if (!state.holds) return undefined;
  cacheApprovedParties(code.clientId, code.grantId, state);
  return code;
}
