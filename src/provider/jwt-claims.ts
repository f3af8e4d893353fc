import { entitlementsOf } from '../domain/entitlements.ts';
import type { Roles } from '../domain/roles.ts';
import type { RequestScope } from './request-scope.ts';

/** The engine's token as a claims customizer sees it. */
interface Token {
  clientId?: string;
  accountId?: string;
  grantId?: string;
}

/**
 * What a JWT says beside RFC 9068 §2.2: `roles` and `entitlements` of the moment of issue (§2.2.3.1),
 * and what the change feed names, so that a verifier who follows the feed knows when the token ends.
 */
export async function jwtClaims(
  scope: RequestScope,
  token: Token,
  roles: Roles,
): Promise<Record<string, unknown>> {
  const client = scope.clients.get(token.clientId ?? '');
  const account = scope.accounts.get(token.accountId ?? '');
  const grant = scope.grants.get(token.grantId ?? '');
  const held = await roles.named(account?.roles ?? client?.roles ?? []);
  return {
    ...entitlementsOf(held.map(({ name, permissions }) => [name, permissions])),
    ...(grant && { grant_id: grant.id }),
    epochs: {
      client: client?.epoch ?? 0,
      ...(client?.appEpoch && { app: client.appEpoch }),
      ...(account && { account: account.epoch }),
      ...(grant && { grant: grant.epoch }),
    },
  };
}
