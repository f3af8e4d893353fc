import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { lifetimes } from '../../../../config/lifetimes.ts';
import { sha256 } from '../../../crypto/digest.ts';
import type { Keyring } from '../../../crypto/sealing.ts';
import { openEphemeral, sealEphemeral } from '../../../domain/short-lived/sealing.ts';
import type { EphemeralRecord, EphemeralStore } from '../../../domain/short-lived/store.ts';
import type { TokenIssue } from '../../../domain/tokens/issue.ts';
import {
  type Redeemed,
  type Redemptions,
  redemptionId,
} from '../../../domain/tokens/redemptions.ts';
import { currentScope } from '../request-scope.ts';

/** What is redeemed once, and so has a mark in Postgres. */
const redeemable = new Set(['AuthorizationCode', 'DeviceCode', 'PushedAuthorizationRequest']);

export interface EphemeralStores {
  store: EphemeralStore;
  keyring: Keyring;
  issue: TokenIssue;
  redemptions: Redemptions;
}

/** Keeps what lives for minutes, sealed, under digests of its ids. */
export function ephemeralAdapter(
  kind: string,
  { store, keyring, issue, redemptions }: EphemeralStores,
): Adapter {
  const read = async (stored: EphemeralRecord | undefined): Promise<AdapterPayload | undefined> => {
    if (!stored) return undefined;
    const payload = openEphemeral<AdapterPayload & { jti: string }>(keyring, kind, stored);
    if (!redeemable.has(kind)) return payload;
    const redeemed = await redemptions.find(redemptionId(kind, payload.jti));
    return redeemed && !isWithinReplayWindow(kind, redeemed)
      ? { ...payload, consumed: true }
      : payload;
  };

  return {
    async upsert(id, payload, expiresIn) {
      const { jti: _jti, ...rest } = payload;
      const key = sha256(id);
      const lifetime =
        (expiresIn ?? lifetimes.interaction) +
        (kind === 'DeviceCode' ? lifetimes.expiredDeviceCode : 0);
      await store.put(
        kind,
        key,
        sealEphemeral(keyring, kind, key, { ...rest, jti: id }),
        lifetime,
        {
          grantId: payload.grantId,
          userCode: payload.userCode ? sha256(payload.userCode) : undefined,
        },
      );
    },
    find: async (id) => read(await store.get(kind, sha256(id))),
    findByUid: async () => undefined,
    findByUserCode: async (userCode) => read(await store.getByUserCode(kind, sha256(userCode))),

    async consume(id) {
      const of = { code: sha256(id) };
      const work = currentScope()?.work;
      if (work) {
        work.consumed = { kind, value: id, of };
        return;
      }
      const mark = redemptionId(kind, id);
      if (
        !(await issue.redeem(
          { of, id: mark, fingerprint: mark, keptFor: lifetimes.redeemedCodeMark },
          [],
        ))
      )
        throw new errors.InvalidGrant('redeemed already');
    },
    destroy: (id) => store.delete(kind, sha256(id)),
    revokeByGrantId: (grantId) => store.deleteByGrant(kind, grantId),
  };
}

/**
 * Whether a redemption is kept from the engine, which would answer it by revoking the grant. A device
 * that lost its answer asks again within the window. An authorization code has no window, but a
 * request that began before the redemption is a double click and no theft: it loses when it commits.
 */
function isWithinReplayWindow(kind: string, { withinWindow, redeemedAt }: Redeemed): boolean {
  const scope = currentScope();
  if (!scope?.work) return false;
  return kind === 'DeviceCode'
    ? withinWindow
    : kind === 'AuthorizationCode' && scope.startedAt < redeemedAt;
}
