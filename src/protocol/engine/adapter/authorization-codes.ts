import type { Adapter } from 'oidc-provider';
import type { Approvals } from '../../../domain/grants/approval.ts';
import { keepApproved } from './approvals.ts';
import { type ArtifactStores, artifactAdapter } from './artifacts.ts';

/** Authorization codes: good while what was allowed holds, so that whatever ends in between ends them too. */
export function authorizationCodeAdapter({
  approvals,
  ...stores
}: ArtifactStores & { approvals: Approvals }): Adapter {
  const artifacts = artifactAdapter('AuthorizationCode', stores);
  return {
    ...artifacts,
    async find(id) {
      const payload = await artifacts.find(id);
      if (!payload?.grantId) return payload;
      const approval = await approvals.find(payload.grantId);
      if (approval && !approval.holds) return undefined;
      if (approval) keepApproved(payload.clientId, payload.grantId, approval);
      return payload;
    },
  };
}
