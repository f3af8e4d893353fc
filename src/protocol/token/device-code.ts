/** THE DEVICE CODE GRANT (RFC 8628 §3.4 and §3.5): a device polls until the person has decided. */
import { type AdapterPayload, errors } from 'oidc-provider';
import { lifetimes } from '../../../config/lifetimes.ts';
import { sha256 } from '../../crypto/digest.ts';
import { parseClaims } from '../../domain/grants/claims-parameter.ts';
import type { DeviceDecisionRow } from '../../domain/grants/device/decisions.ts';
import type { DevicePolls } from '../../domain/grants/device/polling-interval.ts';
import { expiryOfDeviceCode } from '../../domain/tokens/value.ts';
import { passwordContext } from '../../oauth/authentication-context.ts';
import { forEngine } from '../engine/errors.ts';
import type { DeviceCode, EngineClient } from '../engine/models.ts';
import type { RedemptionPolicy } from '../engine/request-scope.ts';
import { cacheApprovedParties } from './parties.ts';

/** A device that lost the response gets it again for a short time. After that, a second redemption revokes the grant. */
export const deviceCodeRedemption: RedemptionPolicy = {
  retainSeconds: lifetimes.redeemedCodeMark,
  repeatsResponse: true,
  isConcealed: ({ withinWindow }) => withinWindow,
  revokesOnOtherUse: false,
};

/**
 * Finds the device code that a client polls with (RFC 8628 §3.5). Throws `expired_token` for an expired code, whose
 * value states its expiry although no store has it any longer, and `slow_down` for a client that polls faster than the
 * interval. Returns undefined, without a lookup, for a value that Writ did not issue.
 */
export async function pollDeviceCode(
  value: string,
  {
    find,
    client,
    polls,
  }: {
    find: () => Promise<DeviceCode | undefined>;
    client: EngineClient | undefined;
    polls: DevicePolls;
  },
): Promise<DeviceCode | undefined> {
  const expiresAt = expiryOfDeviceCode(value);
  if (expiresAt === undefined) return undefined;
  const code = await find();
  if (!code && expiresAt <= now())
    throw new errors.ExpiredToken('the device code has expired; request a new one');
  if (code && client && isPending(code)) await enforcePollingInterval(code, value, client, polls);
  return code;
}

/** Only the client of the code is slowed down, and only while the decision is pending. */
async function enforcePollingInterval(
  code: DeviceCode,
  value: string,
  client: EngineClient,
  polls: DevicePolls,
): Promise<void> {
  if (client.clientId !== code.clientId || client.enforce_polling_interval === false) return;
  const secondsLeft = (code.exp ?? now()) - now();
  if (!(await forEngine(() => polls.admit(sha256(value), secondsLeft))))
    throw new errors.SlowDown('the client polls too often; wait longer between requests');
}

const isPending = ({ accountId, error, isExpired }: DeviceCode): boolean =>
  !accountId && !error && !isExpired;

const now = () => Math.floor(Date.now() / 1000);

/**
 * The members that a decision adds to a stored code: the approved account, grant, scope and resources, or
 * `access_denied` if the person denied the request or the approval is no longer valid.
 */
export function decidedDeviceCode(
  { clientId, params }: AdapterPayload,
  decision: DeviceDecisionRow,
): Partial<AdapterPayload> {
  const { accountId, grantId, scope, resources, authTime, context } = decision;
  if (!grantId) return { error: 'access_denied', errorDescription: 'the user denied the request' };
  if (!decision.holds)
    return {
      grantId,
      error: 'access_denied',
      errorDescription: 'the approval is no longer valid; start again',
    };
  cacheApprovedParties(clientId, grantId, decision);
  return {
    accountId,
    grantId,
    ...(scope && { scope }),
    ...(resources.length > 0 && { resource: resources.length === 1 ? resources[0] : resources }),
    ...(authTime !== null && { authTime, ...(context ?? passwordContext) }),
    ...(params?.['claims'] !== undefined && { claims: parseClaims(String(params['claims'])) }),
  };
}
