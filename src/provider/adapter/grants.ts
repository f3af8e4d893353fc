import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Grants } from '../../domain/grants.ts';
import { currentScope } from '../request-scope.ts';

/** Keeps the engine's grants. When one ends is decided by its tokens, not by its own expiry. */
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
    destroy: (id) => grants.revoke(id),
    revokeByGrantId: (id) => grants.revoke(id),
    consume: async () => {},
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
  };
}
