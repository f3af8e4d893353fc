import { entitlementsOf } from '../domain/entitlements.ts';
import type { Roles } from '../domain/roles.ts';
import { epochsOf, type OwnerStores, ownersOf } from './owners.ts';

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
  token: Token,
  stores: OwnerStores & { roles: Roles },
): Promise<Record<string, unknown>> {
  const owners = await ownersOf(token, stores);
  const { client, account, grant } = owners;
  const epochs = epochsOf(owners);
  const held = await stores.roles.named(account?.roles ?? client?.roles ?? []);
  return {
    ...entitlementsOf(held.map(({ name, permissions }) => [name, permissions])),
    ...(grant && { grant_id: grant.id }),
    epochs: {
      client: epochs.client,
      ...(epochs.app && { app: epochs.app }),
      ...(account && { account: epochs.account }),
      ...(grant && { grant: epochs.grant }),
    },
  };
}
