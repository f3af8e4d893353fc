/**
 * WHAT THE SERVER KNOWS AND DECIDES, wired once over one database. It knows neither Koa nor
 * oidc-provider: what it refuses is an `OAuthError`, and whoever called it gives that a shape.
 */
import { createSecretKey } from 'node:crypto';
import { lifetimes } from '../../config/lifetimes.ts';
import type { Database } from '../../db/database.ts';
import type { Keyring } from '../crypto/sealing.ts';
import { createAccounts } from './accounts.ts';
import { createAudit } from './audit.ts';
import { createClientLookup } from './clients/lookup.ts';
import { createClientRegistry } from './clients/registry.ts';
import { createClientSecrets } from './clients/secrets.ts';
import { createGrants } from './grants.ts';
import { openSealedKeys } from './keys/sealed-keys.ts';
import { createLastUsed } from './last-used.ts';
import { createResources } from './resources.ts';
import { createRoles } from './roles.ts';
import { createFindToken } from './tokens/find.ts';
import { createTokenIssue } from './tokens/issue.ts';
import { createTokenLookup } from './tokens/lookup.ts';
import { createOwnedTokens } from './tokens/owned.ts';
import { createRedemptions } from './tokens/redemptions.ts';
import { createTokenEnding, createTokenRevocation } from './tokens/revocation.ts';
import { createShelves } from './tokens/shelves.ts';

export type Domain = Awaited<ReturnType<typeof createDomain>>;

/** The database must have its schema and its installation. Throws SealError where SECRET_KEYS does not open its keys. */
export async function createDomain({
  database,
  keyring,
  onError,
}: {
  database: Database;
  keyring: Keyring;
  onError: (error: unknown) => void;
}) {
  const sealed = await openSealedKeys(database.kysely, keyring, 'client-secret-digest');
  const digestKeys = sealed.map(({ id, key }) => ({ id, key: createSecretKey(key) }));
  const [newest] = digestKeys;
  if (!newest) throw new Error('the installation has no key for digests of client secrets');
  const keys = { newest, find: (id: string) => digestKeys.find((key) => key.id === id)?.key };

  const lastUsed = createLastUsed({ database, onError });
  const shelves = createShelves({ database });
  const secrets = createClientSecrets({ database, keys, lastUsed, onError });
  const grants = createGrants({ database });
  const revoke = createTokenRevocation({ database });
  const lookup = createTokenLookup({ database, window: lifetimes.redemptionWindow });
  return {
    database,
    lastUsed,
    shelves,
    secrets,
    audit: createAudit({ database }),
    accounts: createAccounts({ database }),
    clients: createClientLookup({ database }),
    registry: createClientRegistry({ database, secrets }),
    grants,
    resources: createResources({ database }),
    roles: createRoles({ database }),
    issue: createTokenIssue({ database, shelves }),
    lookup,
    find: createFindToken(lookup),
    owned: createOwnedTokens({ database, lookup }),
    redemptions: createRedemptions({ database, window: lifetimes.redemptionWindow }),
    revoke,
    end: createTokenEnding({ revoke, grants }),
  };
}
