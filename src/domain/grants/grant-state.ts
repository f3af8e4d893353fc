import type { Database, Statement } from '../../../db/database.ts';
import { clientIsEnabled } from '../clients/sql.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';

/** The current state of a grant, with the roles and epochs for the tokens issued from it. */
export interface GrantState {
  accountId: string;
  /**
   * Whether the grant is active: it is not revoked, and since the approval its account, client and app were neither
   * disabled nor deleted, nor had all their tokens revoked.
   */
  holds: boolean;
  grantEpoch: number;
  /** The payload of the grant. */
  grant: Record<string, unknown>;
  /** Whether it is a login in a known browser. */
  hasBrowser: boolean;
  accountEpoch: number;
  roles: string[];
}

const isEpochOfApproval = (owner: string, current: string): string =>
  `${current} = coalesce((g.payload->'epochs'->>'${owner}')::integer, ${current})`;

/**
 * The SQL condition that the epochs of the account `a`, the client `c` and the app `p` are those of the approval of
 * grant `g`.
 */
export const epochsHold = `${isEpochOfApproval('account', 'a.epoch')} and ${isEpochOfApproval('client', 'c.epoch')}
  and (c.app_id is null or ${isEpochOfApproval('app', 'p.epoch')})`;

/** The SQL for `GrantState.holds` of the grant `g` with its account `a`, client `c` and app `p`. */
export const grantHolds = `coalesce(g.revoked_at is null
  and a.disabled_at is null and ${clientIsEnabled} and ${epochsHold}, false)`;

const find: Statement = {
  name: 'approval-find',
  text: `select g.account_id as "accountId", ${grantHolds} as holds, g.epoch as "grantEpoch", g.payload as grant,
      g.browser is not null as "hasBrowser",
      a.epoch as "accountEpoch", a.roles
    from oauth_grant g join account a on a.id = g.account_id join client c on c.id = g.client_id
      left join app p on p.id = c.app_id
    where g.id = $1::uuid`,
};

/** Reads the current state of grants. */
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
