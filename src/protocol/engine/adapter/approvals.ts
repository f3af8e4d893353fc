import type { GrantState } from '../../../domain/grants/grant-state.ts';
import { currentScope } from '../request-scope.ts';

/** Caches the parties of a grant that was just read, so that tokens of this request get the same epochs. */
export function cacheApprovedParties(
  clientId: string | undefined,
  grantId: string,
  { accountId, accountEpoch, roles, grantEpoch, grant }: GrantState,
): void {
  const scope = currentScope();
  if (!scope || !clientId) return;
  scope.accounts.set(accountId, { id: accountId, roles, epoch: accountEpoch });
  scope.grants.set(grantId, {
    id: grantId,
    accountId,
    clientId,
    epoch: grantEpoch,
    payload: grant,
  });
}
