import { type Adapter, Provider } from 'oidc-provider';
import { isFapi2 } from '../../../domain/clients/profiles.ts';
import type { GrantStates } from '../../../domain/grants/grant-state.ts';
import {
  authorizationCodeRedemption,
  strictCodeRedemption,
  whileApproved,
} from '../../token/authorization-code.ts';
import { engineClientOf } from '../models.ts';
import { type EphemeralStores, ephemeralAdapter } from './ephemeral.ts';

/** Authorization codes: stored for minutes, and read with the state of their grant and the policy of the caller. */
export function authorizationCodeAdapter({
  grantStates,
  ...stores
}: EphemeralStores & { grantStates: GrantStates }): Adapter {
  const codes = ephemeralAdapter('AuthorizationCode', stores, authorizationCodeRedemption);
  const strictCodes = ephemeralAdapter('AuthorizationCode', stores, strictCodeRedemption);
  const ofCaller = () =>
    Provider.ctx && isFapi2(engineClientOf(Provider.ctx) ?? {}) ? strictCodes : codes;
  return {
    ...codes,
    find: async (id) => whileApproved((await ofCaller().find(id)) || undefined, grantStates),
    consume: (id) => ofCaller().consume(id),
  };
}
