import { randomUUID } from 'node:crypto';
import { lifetimes } from '../../config/lifetimes.ts';
import { serverActor } from '../../src/domain/roles/server-actor.ts';
import { mintToken, partitionFor } from '../../src/domain/tokens/value.ts';
import type { Stack } from './stacks.ts';

export interface Login {
  accountId: string;
  grantId: string;
  refreshToken: string;
}

/**
 * Creates a login of a person at a client with its first refresh token, as the browser flow would. `resource` is
 * its resource, with a scope. A new person unless one is given.
 */
export async function logIn(
  { domain }: Pick<Stack, 'domain'>,
  clientId: string,
  {
    resource,
    scope,
    roles = [],
    accountId,
  }: { resource?: string; scope: string; roles?: string[]; accountId?: string },
): Promise<Login> {
  const client = await domain.clients(clientId);
  if (!client) throw new Error(`there is no client ${clientId}`);
  const account =
    accountId === undefined
      ? await domain.accounts.create(serverActor, { name: 'Ada', roles })
      : { id: accountId };
  const grantId = randomUUID();
  const oidc = scope.split(' ').filter((token) => ['openid', 'offline_access'].includes(token));
  const rest = scope.split(' ').filter((token) => !oidc.includes(token));
  const now = Math.floor(Date.now() / 1000);
  await domain.grants.save({
    id: grantId,
    accountId: account.id,
    clientId,
    payload: {
      kind: 'Grant',
      iat: now,
      exp: now + lifetimes.grant,
      openid: { scope: oidc.join(' ') },
      ...(resource && { resources: { [resource]: rest.join(' ') } }),
    },
  });
  const expiresAt = now + 365 * 86_400;
  const { value, id } = mintToken('refresh_token', partitionFor('refresh_token', now, expiresAt));
  await domain.issue.insert({
    id,
    kind: 'refresh_token',
    client: client.id,
    accountId: account.id,
    grantId,
    epochs: { client: client.epoch, app: client.appEpoch, account: 0, grant: 0 },
    scope,
    payload: { gty: 'authorization_code', iiat: now, ...(resource && { resource }) },
    issuedAt: now,
    expiresAt,
  });
  return { accountId: account.id, grantId, refreshToken: value };
}
