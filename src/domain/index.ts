/**
 * WHAT THE SERVER KNOWS AND DECIDES, wired once over one database. It knows neither Koa nor
 * oidc-provider: what it refuses is an `OAuthError`, and whoever called it gives that a shape.
 */
import { createSecretKey } from 'node:crypto';
import { lifetimes } from '../../config/lifetimes.ts';
import type { Database } from '../../db/database.ts';
import type { RedisConnection } from '../../db/redis.ts';
import type { Keyring } from '../crypto/sealing.ts';
import { createAccounts } from './accounts/accounts.ts';
import { createInvitations } from './accounts/invitations.ts';
import { createKnownBrowsers } from './accounts/known-browsers.ts';
import { createPasswords } from './accounts/passwords.ts';
import { createSessions } from './accounts/sessions.ts';
import { createSignIn } from './accounts/sign-in.ts';
import { createAppRights } from './apps/assigned-roles.ts';
import { createAppsDomain } from './apps/index.ts';
import { createAudit } from './audit/events.ts';
import { createAuditPartitions } from './audit/partitions.ts';
import { createClientRegistry } from './clients/clients.ts';
import { createClientLookup } from './clients/lookup.ts';
import { createClientSecrets } from './clients/secrets.ts';
import { createConnectedClients } from './grants/connected-clients.ts';
import { createConsentDecisions } from './grants/consent/decisions.ts';
import { createDeviceDecisions } from './grants/device/decisions.ts';
import { createPostgresPolls, createRedisPolls } from './grants/device/polling.ts';
import { createGrantStates } from './grants/grant-state.ts';
import { createGrants } from './grants/grants.ts';
import { openSealedKeys } from './keys/sealed-keys.ts';
import { createLimits } from './limits/rate-limits.ts';
import { createResources } from './resources/resources.ts';
import { createRoles } from './roles/roles.ts';
import { createFindToken } from './tokens/find.ts';
import { createTokenIssue } from './tokens/issue.ts';
import { createLastUsed } from './tokens/last-used.ts';
import { createLeaks } from './tokens/leaks.ts';
import { createTokenLookup } from './tokens/lookup.ts';
import { createNamedTokensDomain } from './tokens/named/index.ts';
import { createPartitions } from './tokens/partitions.ts';
import { createRedemptions } from './tokens/redemptions.ts';
import { createTokenEnding, createTokenRevocation } from './tokens/revocation.ts';
import { createUsage } from './tokens/usage.ts';

export type Domain = Awaited<ReturnType<typeof createDomain>>;

/** The database must have its schema and its installation. Throws SealError where SECRET_KEYS does not open its keys. */
export async function createDomain({
  database,
  keyring,
  redis,
  onError,
}: {
  database: Database;
  keyring: Keyring;
  /** Where what is limited is counted; without it, in the database. */
  redis?: RedisConnection | undefined;
  onError: (error: unknown) => void;
}) {
  const sealed = await openSealedKeys(database.kysely, keyring, 'client-secret-digest');
  const digestKeys = sealed.map(({ id, key }) => ({ id, key: createSecretKey(key) }));
  const [newest] = digestKeys;
  if (!newest) throw new Error('the installation has no key for digests of client secrets');
  const keys = {
    newest,
    all: digestKeys,
    find: (id: string) => digestKeys.find((key) => key.id === id)?.key,
  };

  const cookieKeys = await openSealedKeys(database.kysely, keyring, 'cookies');
  const knownBrowsers = createKnownBrowsers(cookieKeys.map(({ key }) => createSecretKey(key)));
  const limits = createLimits({ database, redis });
  const sessions = createSessions({ database });

  const usage = createUsage({ database });
  const lastUsed = createLastUsed({ database, usage, onError });
  const partitions = createPartitions({ database });
  const secrets = createClientSecrets({ database, keys, lastUsed, onError });
  const grants = createGrants({ database });
  const resources = createResources({ database });
  const registry = createClientRegistry({ database, secrets });
  const audit = createAudit({ database });
  const revoke = createTokenRevocation({ database });
  const end = createTokenEnding({ revoke, grants });
  const lookup = createTokenLookup({ database, window: lifetimes.redemptionWindow });
  const find = createFindToken(lookup);
  const clients = createClientLookup({ database });
  const tokens = { database, find, end, clients, resources };
  const namedTokens = createNamedTokensDomain(tokens);
  return {
    database,
    /** What signs cookies, the newest first: of the engine and of pages alike. */
    cookieKeys: cookieKeys.map(({ key }) => key),
    lastUsed,
    partitions,
    secrets,
    audit,
    auditPartitions: createAuditPartitions({ database }),
    accounts: createAccounts({ database }),
    clients,
    registry,
    ...namedTokens,
    ...createAppsDomain({ ...tokens, audit, registry, secrets, apiKeys: namedTokens.apiKeys }),
    appRights: createAppRights({ database }),
    grants,
    deviceDecisions: createDeviceDecisions({ database }),
    consentDecisions: createConsentDecisions({ database }),
    grantStates: createGrantStates({ database }),
    polls: redis ? createRedisPolls({ redis }) : createPostgresPolls({ database }),
    connectedClients: createConnectedClients({ database, grants, resources }),
    sessions,
    invitations: createInvitations({ database }),
    passwords: createPasswords({ database, limits, knownBrowsers }),
    limits,
    ...createSignIn({ database, sessions, limits, knownBrowsers }),
    resources,
    roles: createRoles({ database }),
    issue: createTokenIssue({ database, partitions, usage }),
    lookup,
    find,
    leaks: createLeaks({ ...tokens, secrets, limits }),
    redemptions: createRedemptions({ database, window: lifetimes.redemptionWindow }),
    revoke,
    end,
  };
}
