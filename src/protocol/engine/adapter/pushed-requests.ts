import { decodeJwt, UnsecuredJWT } from 'jose';
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { lifetimes } from '../../../../config/lifetimes.ts';
import { redemptionId } from '../../../domain/tokens/redemptions.ts';
import { currentScope, type RedemptionPolicy } from '../request-scope.ts';
import { type EphemeralStores, ephemeralAdapter } from './ephemeral.ts';

const kind = 'PushedAuthorizationRequest';

/** A pushed authorization request can be used once (RFC 9126 §4). */
const redemption: RedemptionPolicy = {
  retainSeconds: lifetimes.redeemedCodeMark,
  repeatsResponse: false,
  isConcealed: () => false,
  revokesOnOtherUse: false,
};

/**
 * Pushed authorization requests (RFC 9126), stored for a minute. If a browser arrives in time, the request stays valid
 * until its person has signed in. It still gets only one response.
 */
export function pushedRequestAdapter(stores: EphemeralStores): Adapter {
  const requests = ephemeralAdapter(kind, stores, redemption);
  return {
    ...requests,
    async consume(id) {
      try {
        await requests.consume(id);
      } catch (error) {
        // Another response to the request was first.
        if (!(error instanceof errors.InvalidGrant)) throw error;
        throw new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used');
      }
    },
    async find(id) {
      const scope = currentScope();
      const continued = scope?.continued?.pushed;
      if (continued?.jti === id) {
        const isUsed = await stores.redemptions.find(redemptionId(kind, id));
        return { ...renewed(continued), ...(isUsed && { consumed: true }) };
      }
      const found = (await requests.find(id)) || undefined;
      if (scope) scope.pushed = found;
      return found;
    },
  };
}

/** Renews the expiry, which the engine also puts into the unsigned JWT that holds the parameters. */
function renewed(payload: AdapterPayload): AdapterPayload {
  const exp = Math.floor(Date.now() / 1000) + 60;
  const claims = decodeJwt(String(payload['request']));
  return { ...payload, exp, request: new UnsecuredJWT({ ...claims, exp }).encode() };
}
