import { apiScopes } from '../../config/scopes.ts';
import { mintToken, partitionFor } from '../../src/domain/tokens/value.ts';
import { apiClient } from '../support/http.ts';
import { keepSecret } from '../support/run-records.ts';
import type { Stack } from '../support/stacks.ts';

const everything = Object.keys(apiScopes);

/** A token of a person for the API, as a login at one of its clients issues it. */
export async function tokenOfPerson(
  stack: Stack,
  accountId: string,
  scopes: readonly string[] = everything,
) {
  const client = await stack.api.createClient({
    resources: [stack.apiResource],
    scope: everything.join(' '),
    grant_types: ['authorization_code'],
    response_types: ['code'],
    redirect_uris: ['https://app.test/cb'],
  });
  const value = await storeToken(stack, { clientId: client.id, accountId, scopes });
  return { value, client, api: apiClient(stack.origin, value) };
}

/** Stores a token for the API, without checking who could get it. */
export async function storeToken(
  { domain, apiResource }: Stack,
  {
    clientId,
    accountId,
    scopes = everything,
  }: { clientId: string; accountId?: string; scopes?: readonly string[] },
): Promise<string> {
  const client = await domain.clients(clientId);
  const account = accountId === undefined ? undefined : await domain.accounts.find(accountId);
  if (!client || (accountId !== undefined && !account))
    throw new Error('nobody can have this token');
  const now = Math.floor(Date.now() / 1000);
  const { value, id } = mintToken('access_token', partitionFor('access_token', now, now + 600));
  keepSecret('access_token', value);
  await domain.partitions.ensure([id.partition]);
  await domain.issue.insert({
    id,
    kind: 'access_token',
    client: client.id,
    ...(accountId !== undefined && { accountId }),
    epochs: { client: client.epoch, app: client.appEpoch, account: account?.epoch ?? 0, grant: 0 },
    scope: scopes.join(' '),
    audience: [apiResource],
    issuedAt: now,
    expiresAt: now + 600,
  });
  return value;
}
