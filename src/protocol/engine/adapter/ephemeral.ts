import type { Adapter, AdapterPayload } from 'oidc-provider';
import { lifetimes } from '../../../../config/lifetimes.ts';
import { sha256 } from '../../../crypto/digest.ts';
import type { Keyring } from '../../../crypto/sealing.ts';
import { findByUserCode, userCodeDigest } from '../../../domain/grants/device/user-code.ts';
import { openEphemeral, sealEphemeral } from '../../../domain/short-lived/sealing.ts';
import type { EphemeralRecord, EphemeralStore } from '../../../domain/short-lived/store.ts';
import type { TokenIssue } from '../../../domain/tokens/issue.ts';
import { type Redemptions, redemptionId } from '../../../domain/tokens/redemptions.ts';
import { consume } from '../../token/transaction.ts';
import { currentScope, type RedemptionPolicy } from '../request-scope.ts';

/** Keeps a code that was redeemed in its last seconds valid through its replay window, which Postgres has measured. */
const validThroughWindow = (payload: AdapterPayload): AdapterPayload => ({
  ...payload,
  ...(payload.exp && {
    exp: Math.max(payload.exp, Math.ceil(Date.now() / 1000) + lifetimes.redemptionWindow),
  }),
});

/** What an adapter of short-lived state needs. */
export interface EphemeralStores {
  store: EphemeralStore;
  keyring: Keyring;
  issue: TokenIssue;
  redemptions: Redemptions;
}

/**
 * Stores short-lived state, sealed, under the digests of its IDs. A kind with a `redemption` policy is redeemed at most
 * once; the mark of its redemption is in Postgres.
 */
export function ephemeralAdapter(
  kind: string,
  { store, keyring, issue, redemptions }: EphemeralStores,
  redemption?: RedemptionPolicy,
): Adapter {
  const read = async (stored: EphemeralRecord | undefined): Promise<AdapterPayload | undefined> => {
    if (!stored) return undefined;
    const payload = openEphemeral<AdapterPayload & { jti: string }>(keyring, kind, stored);
    const redeemed = redemption && (await redemptions.find(redemptionId(kind, payload.jti)));
    if (!redeemed) return payload;
    const work = currentScope()?.work;
    if (work && redemption.revokesOnOtherUse) work.redeemedGrant = payload.grantId;
    return work && redemption.isConcealed(redeemed)
      ? validThroughWindow(payload)
      : { ...payload, consumed: true };
  };

  return {
    async upsert(id, payload, expiresIn) {
      const { jti: _jti, ...rest } = payload;
      const key = sha256(id);
      const lifetime =
        (expiresIn ?? lifetimes.interaction) +
        (redemption?.repeatsResponse ? lifetimes.redemptionWindow : 0);
      await store.put(
        kind,
        key,
        sealEphemeral(keyring, kind, key, { ...rest, jti: id }),
        lifetime,
        {
          grantId: payload.grantId,
          userCode: payload.userCode ? userCodeDigest(keyring, payload.userCode) : undefined,
        },
      );
    },
    find: async (id) => read(await store.get(kind, sha256(id))),
    findByUid: async () => undefined,
    findByUserCode: async (userCode) =>
      read(await findByUserCode({ store, keyring }, kind, userCode)),

    async consume(id) {
      if (!redemption) throw new Error(`${kind} cannot be redeemed`);
      await consume({ kind, value: id, of: { code: sha256(id) }, policy: redemption }, issue);
    },
    destroy: async (id) => {
      await store.delete(kind, sha256(id));
    },
    revokeByGrantId: (grantId) => store.deleteByGrant(kind, grantId),
  };
}
