/** THE AUTHORIZATION CODE GRANT (RFC 6749 §4.1.3) with PKCE (RFC 7636), which the engine verifies. */
import type { AdapterPayload } from 'oidc-provider';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { GrantStates } from '../../domain/grants/grant-state.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import type { RedemptionPolicy } from '../engine/request-scope.ts';
import { cacheApprovedParties } from './parties.ts';

/**
 * A code is redeemed once. For a short time a client that lost the response gets it again: the engine repeats its
 * checks of client authentication, verifier and redirect URI, so it is the client that the response was for. Any other
 * request with a redeemed code is refused and revokes the grant (RFC 6749 §4.1.2, §10.5).
 */
export const authorizationCodeRedemption: RedemptionPolicy = {
  retainSeconds: lifetimes.redeemedCodeMark,
  repeatsResponse: true,
  isConcealed: ({ withinWindow }) => withinWindow,
  revokesOnOtherUse: true,
};

/**
 * Clients with the profile `fapi2`, and OpenID logins without PKCE, get no response again: every second use is refused and
 * revokes the grant, as the conformance tests of both expect. A lost response costs them a new login.
 */
export const strictCodeRedemption: RedemptionPolicy = {
  ...authorizationCodeRedemption,
  repeatsResponse: false,
  isConcealed: () => false,
};

/** What ties a code to the request that redeems it. */
export interface CodeBinding {
  codeChallenge?: string | undefined;
  scope?: string | undefined;
}

/** Whether the redemption of an OpenID login proves nothing that the browser did not see, since it has no verifier. */
export const isUnprovenLogin = ({ codeChallenge, scope }: CodeBinding): boolean =>
  codeChallenge === undefined && scopeTokens(scope).includes('openid');

/** Returns a code only while its grant is valid: whatever revokes the grant also revokes the code. */
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
