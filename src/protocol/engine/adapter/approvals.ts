import type { Approval } from '../../../domain/grants/approval.ts';
import { currentScope } from '../request-scope.ts';

/** An approval is read with its account and its grant: what comes of it is of the same epochs. */
export function cacheApprovedParties(
  clientId: string | undefined,
  grantId: string,
  { accountId, accountEpoch, roles, grantEpoch, grant }: Approval,
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
