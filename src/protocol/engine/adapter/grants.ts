import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Grants } from '../../../domain/grants/grants.ts';
import { currentScope } from '../request-scope.ts';

/**
 * Revokes a grant for the engine. At the token endpoint the engine revokes a grant only because one of its codes or
 * tokens was redeemed a second time.
 */
export async function revokeGrant(grants: Grants, id: string): Promise<void> {
  const work = currentScope()?.work;
  if (work) await grants.revoke(id, 'reuse', { tokenId: work.reused });
  else await grants.revoke(id);
}

/** Stores the engine's grants. A grant lives as long as its tokens, so the engine's expiry of it is not stored. */
export function grantAdapter(grants: Grants): Adapter {
  return {
    async upsert(id, { accountId = '', clientId = '', jti: _jti, ...payload }) {
      await grants.save({ id, accountId, clientId, payload });
    },
    async find(id) {
      const scope = currentScope();
      const grant = scope?.grants.get(id) ?? (await grants.find(id));
      if (!grant) return undefined;
      scope?.grants.set(id, grant);
      return {
        ...grant.payload,
        jti: id,
        accountId: grant.accountId,
        clientId: grant.clientId,
      } as AdapterPayload;
    },
    destroy: (id) => revokeGrant(grants, id),
    revokeByGrantId: (id) => revokeGrant(grants, id),
    consume: async () => {},
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
  };
}
