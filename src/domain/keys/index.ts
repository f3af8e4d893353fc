import { SealError } from '../../crypto/sealing.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { KeySet } from './key-set.ts';
import type { Reseal } from './reseal.ts';
import type { KeyRotation, SigningKeyDescription } from './rotation.ts';
import type { SigningAlg } from './signing-keys.ts';

/** What an operator does to keys. This process follows at once, the others within seconds. */
export function createKeys({
  rotation,
  keySet,
  reseal,
}: {
  rotation: KeyRotation;
  keySet: Pick<KeySet, 'refresh'>;
  reseal: Reseal;
}) {
  return {
    /** By algorithm, the newest first. */
    list: rotation.list,

    /** Lets the announced keys sign; throws `conflict` where verifiers may not know one yet. Gives the list. */
    async rotate(alg?: SigningAlg): Promise<SigningKeyDescription[]> {
      await rotation.rotate(alg);
      await keySet.refresh();
      return rotation.list();
    },

    /** Takes a stolen key out and ends its tokens. False where there is no such key. */
    async revoke(kid: string): Promise<boolean> {
      const revoked = await rotation.revoke(kid);
      await keySet.refresh();
      return revoked;
    },

    /** Seals under the newest of SECRET_KEYS what older ones have sealed. Throws `conflict` where one of those is missing. */
    async reseal(): Promise<{ resealed: number }> {
      try {
        return { resealed: await reseal.reseal() };
      } catch (cause) {
        if (!(cause instanceof SealError)) throw cause;
        throw new OAuthError('conflict', cause.message, { cause });
      }
    },
  };
}

export type Keys = ReturnType<typeof createKeys>;
