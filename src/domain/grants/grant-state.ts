import type { Database, Statement } from '../../../db/database.ts';
import { clientIsEnabled } from '../clients/sql.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';

/** A grant as of this moment, with the roles and epochs that a token issued from it gets. */
export interface GrantState {
  accountId: string;
  /** Neither the grant nor its account, client or app was revoked, disabled or deleted since the approval. */
  holds: boolean;
  grantEpoch: number;
  /** The payload of the grant. */
  grant: Record<string, unknown>;
  accountEpoch: number;
  roles: string[];
}

const isEpochOfApproval = (owner: string, current: string): string =>
  `${current} = coalesce((g.payload->'epochs'->>'${owner}')::integer, ${current})`;

/** Whether nothing has revoked all tokens of the account `a`, the client `c` or the app `p` since the grant `g` was approved. */
export const epochsHold = `${isEpochOfApproval('account', 'a.epoch')} and ${isEpochOfApproval('client', 'c.epoch')}
  and (c.app_id is null or ${isEpochOfApproval('app', 'p.epoch')})`;

/**
 * Whether the grant `g` holds, given its account `a`, client `c` and app `p`. A grant belongs to the epochs
 * of its approval, as a token belongs to those of its issue.
 */
export const grantHolds = `coalesce(g.revoked_at is null
  and a.disabled_at is null and ${clientIsEnabled} and ${epochsHold}, false)`;

const find: Statement = {
  name: 'approval-find',
  text: `select g.account_id as "accountId", ${grantHolds} as holds, g.epoch as "grantEpoch", g.payload as grant,
      a.epoch as "accountEpoch", a.roles
    from oauth_grant g join account a on a.id = g.account_id join client c on c.id = g.client_id
      left join app p on p.id = c.app_id
    where g.id = $1::uuid`,
};

/** Reads the state of a grant by its id, in one statement. */
export function createGrantStates({ database }: { database: Database }) {
  return {
    async find(grantId: string): Promise<GrantState | undefined> {
      if (!isUuid(grantId)) return undefined;
      const [row] = await orUnavailable(() => database.query<GrantState>(find, [grantId]));
      return row;
    },
  };
}

export type GrantStates = ReturnType<typeof createGrantStates>;
