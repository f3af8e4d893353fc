/** THE DEVICE CODE GRANT (RFC 8628 §3.4 and §3.5): a device polls until the person has decided. */
import { type AdapterPayload, errors } from 'oidc-provider';
import { lifetimes } from '../../../config/lifetimes.ts';
import { sha256 } from '../../crypto/digest.ts';
import type { DeviceDecisionRow } from '../../domain/grants/device/decisions.ts';
import type { DevicePolls } from '../../domain/grants/device/polling-interval.ts';
import { expiryOfDeviceCode } from '../../domain/tokens/value.ts';
import { forEngine } from '../engine/errors.ts';
import type { DeviceCode, EngineClient } from '../engine/models.ts';
import type { RedemptionPolicy } from '../engine/request-scope.ts';
import { cacheApprovedParties } from './parties.ts';

/** A device that lost the response gets it again for a moment; after that a second redemption revokes the grant. */
export const deviceCodeRedemption: RedemptionPolicy = {
  retainSeconds: lifetimes.redeemedCodeMark,
  repeatsResponse: true,
  isConcealed: ({ withinWindow }) => withinWindow,
  revokesOnOtherUse: false,
};

/**
 * Reads the code that a device polls with (RFC 8628 §3.5). Throws `expired_token` for a code of ours that
 * has expired, which its value states and no store remembers, and `slow_down` for a client that polls faster than
 * the interval. Undefined for a value that is no code of ours, which takes no look-up.
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
  if (!code && expiresAt <= now()) throw new errors.ExpiredToken('device code is expired');
  if (code && client && isPending(code)) await enforcePollingInterval(code, value, client, polls);
  return code;
}

/** Only the code's own client is slowed down, and only while the decision is pending. */
async function enforcePollingInterval(
  code: DeviceCode,
  value: string,
  client: EngineClient,
  polls: DevicePolls,
): Promise<void> {
  if (client.clientId !== code.clientId || client.enforce_polling_interval === false) return;
  const secondsLeft = (code.exp ?? now()) - now();
  if (!(await forEngine(() => polls.admit(sha256(value), secondsLeft))))
    throw new errors.SlowDown('wait longer between two requests');
}

const isPending = ({ accountId, error, isExpired }: DeviceCode): boolean =>
  !accountId && !error && !isExpired;

const now = () => Math.floor(Date.now() / 1000);

/**
 * What a decision adds to a stored code, in the engine's terms: the account, grant, scope and resources that
 * were approved, or `access_denied` where the person refused, or the approval no longer holds.
 */
export function decidedDeviceCode(
  { clientId }: AdapterPayload,
  decision: DeviceDecisionRow,
): Partial<AdapterPayload> {
  const { accountId, grantId, scope, resources, authTime } = decision;
  if (!grantId) return { error: 'access_denied', errorDescription: 'the person refused' };
  if (!decision.holds)
    return {
      grantId,
      error: 'access_denied',
      errorDescription: 'what was allowed has ended since',
    };
  cacheApprovedParties(clientId, grantId, decision);
  return {
    accountId,
    grantId,
    ...(scope && { scope }),
    ...(resources.length > 0 && { resource: resources.length === 1 ? resources[0] : resources }),
    // The engine puts `auth_time` into an ID token only on request, so it is requested here.
    ...(authTime !== null && {
      authTime,
      claims: { id_token: { auth_time: { essential: true } } },
    }),
  };
}
