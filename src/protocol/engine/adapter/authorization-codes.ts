import type { Adapter } from 'oidc-provider';
import type { GrantStates } from '../../../domain/grants/grant-state.ts';
import { cacheApprovedParties } from './approvals.ts';
import { type EphemeralStores, ephemeralAdapter } from './artifacts.ts';

/** Authorization codes: good while what was allowed holds, so that whatever ends in between ends them too. */
export function authorizationCodeAdapter({
  grantStates,
  ...stores
}: EphemeralStores & { grantStates: GrantStates }): Adapter {
  const artifacts = ephemeralAdapter('AuthorizationCode', stores);
  return {
    ...artifacts,
    async find(id) {
      const payload = await artifacts.find(id);
      if (!payload?.grantId) return payload;
      const state = await grantStates.find(payload.grantId);
      if (state && !state.holds) return undefined;
      if (state) cacheApprovedParties(payload.clientId, payload.grantId, state);
      return payload;
    },
  };
}
