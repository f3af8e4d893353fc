import type { Adapter } from 'oidc-provider';
import type { GrantStates } from '../../../domain/grants/grant-state.ts';
import { authorizationCodeRedemption, whileApproved } from '../../token/authorization-code.ts';
import { type EphemeralStores, ephemeralAdapter } from './ephemeral.ts';

/** Authorization codes: stored for minutes, and read together with the state of their grant. */
export function authorizationCodeAdapter({
  grantStates,
  ...stores
}: EphemeralStores & { grantStates: GrantStates }): Adapter {
  const codes = ephemeralAdapter('AuthorizationCode', stores, authorizationCodeRedemption);
  return {
    ...codes,
    find: async (id) => whileApproved((await codes.find(id)) || undefined, grantStates),
  };
}
