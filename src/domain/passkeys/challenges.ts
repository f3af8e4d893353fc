import { sql } from 'kysely';
import { passkeys } from '../../../config/passkeys.ts';
import type { Connection } from '../../../db/schema.ts';
import { equal, sha256 } from '../../crypto/digest.ts';
import { type Keyring, SealError } from '../../crypto/sealing.ts';

/**
 * What the answer to a challenge is used for: to add a passkey, to sign in, to sign in again, as a second factor of a sign-in, or
 * as one in a session. An answer for one purpose is refused for the others.
 */
export type Purpose = 'register' | 'sign-in' | 'again' | 'factor' | 'raise';

/** Whom a challenge is for. */
export interface Challenged {
  purpose: Purpose;
  /** A value that only this browser has, such as the CSRF value of its forms. */
  browser: string;
  /** The account whose passkey is expected; undefined for a sign-in of anyone. */
  accountId?: string | undefined;
}

/** A challenge as the browser returned it, which has not expired and is for it. */
export interface OpenedChallenge {
  /** Under which its use is marked. */
  digest: Buffer;
}

const kind = 'PasskeyChallenge';
const digestLength = 16;
const maxLength = 400;

/**
 * Challenges of WebAuthn (§13.4.3). A challenge is a sealed value that names its browser, its account and its expiry, so
 * nothing is stored until it is used; its random part is the nonce of the seal. The use is marked in Postgres, in the transaction
 * of what it allows: an answer counts once, also if it arrives twice at the same time.
 */
export function createChallenges(keyring: Keyring) {
  const placeOf = (purpose: Purpose) => ({ table: 'passkey', row: purpose, purpose: 'challenge' });

  return {
    create({ purpose, browser, accountId }: Challenged): string {
      const expiry = Buffer.alloc(4);
      expiry.writeUInt32BE(Math.floor(Date.now() / 1000) + passkeys.challengeLifetime);
      return keyring
        .seal(placeOf(purpose), Buffer.concat([expiry, digestOf(browser, accountId)]))
        .toString('base64url');
    },

    /** Undefined if the challenge is not for this browser, account and purpose, or has expired. */
    open(challenge: string, { purpose, browser, accountId }: Challenged) {
      if (challenge.length > maxLength) return undefined;
      try {
        const opened = keyring.open(placeOf(purpose), Buffer.from(challenge, 'base64url'));
        const isOurs = equal(opened.subarray(4), digestOf(browser, accountId));
        return isOurs && opened.readUInt32BE() > Date.now() / 1000
          ? { digest: sha256(challenge) }
          : undefined;
      } catch (error) {
        if (error instanceof SealError) return undefined;
        throw error;
      }
    },

    /** Whether this is the first use. A concurrent use waits until the transaction ends. */
    async use(transaction: Connection, { digest }: OpenedChallenge): Promise<boolean> {
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto('artifact')
        .values({
          kind,
          id: digest,
          sealed: Buffer.alloc(0),
          expires_at: sql<Date>`now() + ${2 * passkeys.challengeLifetime} * interval '1 second'`,
        })
        .onConflict((conflict) => conflict.columns(['kind', 'id']).doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },
  };
}

const digestOf = (browser: string, accountId = ''): Buffer =>
  sha256(JSON.stringify([browser, accountId])).subarray(0, digestLength);

export type Challenges = ReturnType<typeof createChallenges>;
