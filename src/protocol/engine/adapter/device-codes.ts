import type { Adapter, AdapterPayload } from 'oidc-provider';
import { sha256 } from '../../../crypto/digest.ts';
import type {
  DeviceDecisionRow,
  DeviceDecisions,
} from '../../../domain/grants/device/decisions.ts';
import { cacheApprovedParties } from './approvals.ts';
import { type EphemeralStores, ephemeralAdapter } from './artifacts.ts';

/**
 * Device codes: what is stored is never rewritten. What a person answered is asked of Postgres each
 * time, so that nothing hangs on what the other store remembers.
 */
export function deviceCodeAdapter({
  deviceDecisions,
  ...stores
}: EphemeralStores & { deviceDecisions: DeviceDecisions }): Adapter {
  const artifacts = ephemeralAdapter('DeviceCode', stores);
  return {
    ...artifacts,
    async find(id) {
      const [payload, { decision }] = await Promise.all([
        artifacts.find(id),
        deviceDecisions.find(sha256(id)),
      ]);
      return payload && decision ? { ...payload, ...answered(payload, decision) } : payload;
    },
  };
}

/** What an answer makes of a code, in the engine's words. */
function answered(payload: AdapterPayload, decision: DeviceDecisionRow): Partial<AdapterPayload> {
  const { accountId, grantId, scope, resources, authTime } = decision;
  if (!grantId) return { error: 'access_denied', errorDescription: 'the person refused' };
  if (!decision.holds)
    return {
      grantId,
      error: 'access_denied',
      errorDescription: 'what was allowed has ended since',
    };
  cacheApprovedParties(payload.clientId, grantId, decision);
  return {
    accountId,
    grantId,
    ...(scope && { scope }),
    ...(resources.length > 0 && { resource: resources.length === 1 ? resources[0] : resources }),
    // An ID token says it to whoever asked for it alone, so it is asked for here.
    ...(authTime !== null && {
      authTime,
      claims: { id_token: { auth_time: { essential: true } } },
    }),
  };
}
