import type { Database, Statement } from '../../../db/database.ts';
import { sha256 } from '../../crypto/digest.ts';
import { orUnavailable } from '../database/retry.ts';

/** The record of a redeemed code, device code or refresh token. */
export interface Redeemed {
  /** Whether a repeated request can still get the same response, by the clock of the database. */
  withinWindow: boolean;
  /** The digest of the request that redeemed it. */
  fingerprint: Buffer | null;
  /** Its sealed response. */
  answer: Buffer | null;
}

const statement: Statement = {
  name: 'redemption-find',
  text: `select redeemed_at > now() - $2::float8 * interval '1 second' as "withinWindow",
      fingerprint, answer
    from redemption where id = $1::bytea`,
};

/** The primary key of a redemption: a digest that does not reveal the redeemed value. */
export const redemptionId = (kind: string, value: string): Buffer => sha256(`${kind} ${value}`);

/**
 * Reads which codes and rotating refresh tokens were redeemed. Always in Postgres, because Redis may lose records and
 * restore deleted ones. `window` is the replay window in seconds.
 */
export function createRedemptions({ database, window }: { database: Database; window: number }) {
  return {
    /** Throws `temporarily_unavailable` while Postgres is unreachable. */
    async find(id: Buffer): Promise<Redeemed | undefined> {
      const [row] = await orUnavailable(() => database.query<Redeemed>(statement, [id, window]));
      return row;
    },
  };
}

export type Redemptions = ReturnType<typeof createRedemptions>;
