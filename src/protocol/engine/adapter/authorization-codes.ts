import type { Adapter } from 'oidc-provider';
import type { Approvals } from '../../../domain/grants/approval.ts';
import { cacheApprovedParties } from './approvals.ts';
import { type EphemeralStores, ephemeralAdapter } from './artifacts.ts';

/** Authorization codes: good while what was allowed holds, so that whatever ends in between ends them too. */
export function authorizationCodeAdapter({
  approvals,
  ...stores
}: EphemeralStores & { approvals: Approvals }): Adapter {
  const artifacts = ephemeralAdapter('AuthorizationCode', stores);
  return {
    ...artifacts,
    async find(id) {
      const payload = await artifacts.find(id);
      if (!payload?.grantId) return payload;
      const approval = await approvals.find(payload.grantId);
      if (approval && !approval.holds) return undefined;
      if (approval) cacheApprovedParties(payload.clientId, payload.grantId, approval);
      return payload;
    },
  };
}
