import { decodeJwt, UnsecuredJWT } from 'jose';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { lifetimes } from '../../../../config/lifetimes.ts';
import { redemptionId } from '../../../domain/tokens/redemptions.ts';
import { currentScope, type RedemptionPolicy } from '../request-scope.ts';
import { type EphemeralStores, ephemeralAdapter } from './ephemeral.ts';

const kind = 'PushedAuthorizationRequest';

/** A pushed authorization request is used once (RFC 9126 §4). */
const redemption: RedemptionPolicy = {
  retainSeconds: lifetimes.redeemedCodeMark,
  repeatsResponse: false,
  isConcealed: () => false,
  revokesOnOtherUse: false,
};

/**
 * Pushed authorization requests (RFC 9126): stored for a minute. One that a browser arrived with in time is good
 * until its person has signed in, and still for one answer.
 */
export function pushedRequestAdapter(stores: EphemeralStores): Adapter {
  const requests = ephemeralAdapter(kind, stores, redemption);
  return {
    ...requests,
    async find(id) {
      const scope = currentScope();
      const continued = scope?.continued?.pushed;
      if (continued?.jti === id) {
        const isUsed = await stores.redemptions.find(redemptionId(kind, id));
        return { ...stillValid(continued), ...(isUsed && { consumed: true }) };
      }
      const found = (await requests.find(id)) || undefined;
      if (scope) scope.pushed = found;
      return found;
    },
  };
}

/** The engine wraps the parameters into an unsigned JWT with an expiry of its own. */
function stillValid(payload: AdapterPayload): AdapterPayload {
  const exp = Math.floor(Date.now() / 1000) + 60;
  const claims = decodeJwt(String(payload['request']));
  return { ...payload, exp, request: new UnsecuredJWT({ ...claims, exp }).encode() };
}
