import type { Database, Statement } from '../../../db/database.ts';
import { sha256 } from '../../crypto/digest.ts';
import { orUnavailable } from '../database/retry.ts';

/** A redemption that took place. */
export interface Redeemed {
  /** Whether it was a moment ago, by the database's clock. */
  withinWindow: boolean;
  fingerprint: Buffer | null;
  answer: Buffer | null;
}

const statement: Statement = {
  name: 'redemption-find',
  text: `select redeemed_at > now() - $2::float8 * interval '1 second' as "withinWindow",
      fingerprint, answer
    from redemption where id = $1::bytea`,
};

/** The name under which the redemption of a value is kept; the value cannot be read back from it. */
export const redemptionId = (kind: string, value: string): Buffer => sha256(`${kind} ${value}`);

/** Which codes and rotating tokens were redeemed. In Postgres always: Redis may forget, and bring back what it forgot. */
export function createRedemptions({ database, window }: { database: Database; window: number }) {
  return {
    async find(id: Buffer): Promise<Redeemed | undefined> {
      const [row] = await orUnavailable(() => database.query<Redeemed>(statement, [id, window]));
      return row;
    },
  };
}

export type Redemptions = ReturnType<typeof createRedemptions>;
