import { SealError } from '../../crypto/sealing.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { KeySet } from './key-set.ts';
import type { Reseal } from './reseal.ts';
import type { KeyRotation, SigningKeyDescription } from './rotation.ts';
import type { SigningAlg } from './signing-keys.ts';

/** Key operations for operators. They take effect in this process at once and in the others within seconds. */
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
    /** All signing keys, by algorithm, newest first. */
    list: rotation.list,

    /**
     * Promotes the announced keys, of one algorithm or of all, and returns the list. Throws `conflict` if verifiers
     * may not know one of them yet.
     */
    async rotate(alg?: SigningAlg): Promise<SigningKeyDescription[]> {
      await rotation.rotate(alg);
      await keySet.refresh();
      return rotation.list();
    },

    /** Revokes a stolen key and every token signed with it. Returns false if the key does not exist. */
    async revoke(kid: string): Promise<boolean> {
      const revoked = await rotation.revoke(kid);
      await keySet.refresh();
      return revoked;
    },

    /**
     * Reseals under the newest of SECRET_KEYS everything sealed under an older one. Returns the number of rows. Throws
     * `conflict` if SECRET_KEYS lacks the key of one.
     */
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
