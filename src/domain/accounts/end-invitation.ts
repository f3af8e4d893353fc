import type { Connection } from '../../../db/schema.ts';

/**
 * Ends the link of an account that is out, where what it was made for holds no more: its password, its
 * address or its rights have changed, or it was disabled.
 */
export const endInvitation = (transaction: Connection, accountId: string): Promise<unknown> =>
  transaction.deleteFrom('invitation').where('account_id', '=', accountId).execute();
