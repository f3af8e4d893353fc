import { setTimeout } from 'node:timers/promises';
import { sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { isLockTimeout, isMissingTable } from './errors.ts';
import * as initial from './migrations/0001_initial.ts';
import * as keysAndAudit from './migrations/0002_keys_and_audit.ts';
import * as people from './migrations/0003_people.ts';
import * as apps from './migrations/0004_apps.ts';
import * as consents from './migrations/0005_consents.ts';
import * as ownedTokens from './migrations/0006_owned_tokens.ts';
import * as sweepIndexes from './migrations/0007_sweep_indexes.ts';
import * as deletedAccounts from './migrations/0008_deleted_accounts.ts';
import * as credentialCreators from './migrations/0009_credential_creators.ts';
import * as idTokenAlgorithms from './migrations/0010_id_token_algorithms.ts';
import * as registeredBefore from './migrations/0011_registered_before.ts';
import * as nameSkeletons from './migrations/0012_name_skeletons.ts';
import * as apiUsage from './migrations/0013_api_usage.ts';
import * as tokenNumbers from './migrations/0014_token_numbers.ts';
import * as keyPairs from './migrations/0015_key_pairs.ts';
import * as thirdPartyApps from './migrations/0019_third_party_apps.ts';
import * as takenOverClients from './migrations/0020_taken_over_clients.ts';
import * as leakedTokens from './migrations/0021_leaked_tokens.ts';
import * as profiles from './migrations/0022_profiles.ts';
import * as rememberedConsent from './migrations/0023_remembered_consent.ts';
import * as logout from './migrations/0024_logout.ts';
import * as resourceClaims from './migrations/0026_resource_claims.ts';
import * as secondFactors from './migrations/0027_second_factors.ts';
import * as passkeys from './migrations/0028_passkeys.ts';
import * as mailedLinks from './migrations/0029_mailed_links.ts';
import * as identityProviders from './migrations/0030_identity_providers.ts';
import * as sessionUses from './migrations/0031_session_uses.ts';
import * as factorPolicy from './migrations/0032_factor_policy.ts';
import * as earlierGrants from './migrations/0033_earlier_grants.ts';
import * as registration from './migrations/0034_registration.ts';
import * as selfRegisteredClients from './migrations/0035_self_registered_clients.ts';
import * as delegations from './migrations/0039_delegations.ts';
import * as trustedIssuers from './migrations/0041_trusted_issuers.ts';
import * as clientRegistrations from './migrations/0044_client_registrations.ts';
import * as crossAppAccess from './migrations/0046_cross_app_access.ts';
import * as trustedIssuerGeneration from './migrations/0047_trusted_issuer_generation.ts';
import * as initialAccessTokensOfApps from './migrations/0048_initial_access_tokens_of_apps.ts';
import * as jwtAudiences from './migrations/0050_jwt_audiences.ts';
import * as roleApiScopes from './migrations/0052_role_api_scopes.ts';
import * as signalStreams from './migrations/0054_signal_streams.ts';
import * as auditLogPosition from './migrations/0060_audit_log_position.ts';
import * as figures from './migrations/0061_figures.ts';
import * as accountSearch from './migrations/0062_account_search.ts';
import * as auditByAction from './migrations/0064_audit_by_action.ts';
import * as clientTokensByKind from './migrations/0065_client_tokens_by_kind.ts';
import * as jobRuns from './migrations/0066_job_runs.ts';
import * as clientRefusals from './migrations/0069_client_refusals.ts';
import * as bulkRevocations from './migrations/0070_bulk_revocations.ts';
import * as accountNames from './migrations/0071_account_names.ts';
import type { Connection } from './schema.ts';

/** All migrations in the order of their numbers. They are forward only: none has a `down`. */
export const migrations: Record<string, Migration> = {
  '0001_initial': initial,
  '0002_keys_and_audit': keysAndAudit,
  '0003_people': people,
  '0004_apps': apps,
  '0005_consents': consents,
  '0006_owned_tokens': ownedTokens,
  '0007_sweep_indexes': sweepIndexes,
  '0008_deleted_accounts': deletedAccounts,
  '0009_credential_creators': credentialCreators,
  '0010_id_token_algorithms': idTokenAlgorithms,
  '0011_registered_before': registeredBefore,
  '0012_name_skeletons': nameSkeletons,
  '0013_api_usage': apiUsage,
  '0014_token_numbers': tokenNumbers,
  '0015_key_pairs': keyPairs,
  '0019_third_party_apps': thirdPartyApps,
  '0020_taken_over_clients': takenOverClients,
  '0021_leaked_tokens': leakedTokens,
  '0022_profiles': profiles,
  '0023_remembered_consent': rememberedConsent,
  '0024_logout': logout,
  '0026_resource_claims': resourceClaims,
  '0027_second_factors': secondFactors,
  '0028_passkeys': passkeys,
  '0029_mailed_links': mailedLinks,
  '0030_identity_providers': identityProviders,
  '0031_session_uses': sessionUses,
  '0032_factor_policy': factorPolicy,
  '0033_earlier_grants': earlierGrants,
  '0034_registration': registration,
  '0035_self_registered_clients': selfRegisteredClients,
  '0039_delegations': delegations,
  '0041_trusted_issuers': trustedIssuers,
  '0044_client_registrations': clientRegistrations,
  '0046_cross_app_access': crossAppAccess,
  '0047_trusted_issuer_generation': trustedIssuerGeneration,
  '0048_initial_access_tokens_of_apps': initialAccessTokensOfApps,
  '0050_jwt_audiences': jwtAudiences,
  '0052_role_api_scopes': roleApiScopes,
  '0054_signal_streams': signalStreams,
  '0060_audit_log_position': auditLogPosition,
  '0061_figures': figures,
  '0062_account_search': accountSearch,
  '0064_audit_by_action': auditByAction,
  '0065_client_tokens_by_kind': clientTokensByKind,
  '0066_job_runs': jobRuns,
  '0069_client_refusals': clientRefusals,
  '0070_bulk_revocations': bulkRevocations,
  '0071_account_names': accountNames,
};

/** The database was migrated by a newer version of Writ, whose schema this version does not know. */
export class NewerSchemaError extends Error {
  constructor(name: string) {
    super(
      `The database has the migration ${name}, which this version of Writ does not know. Start the newer version.`,
    );
    this.name = 'NewerSchemaError';
  }
}

/** A migration needs the lock of a table that another transaction keeps. */
export class MigrationLockError extends Error {
  constructor(name: string, options: ErrorOptions) {
    super(
      `The migration ${name} could not lock a table: another transaction keeps it, such as a backup or a session that was left open (pg_stat_activity lists them). Nothing was changed. Run it again afterwards.`,
      options,
    );
    this.name = 'MigrationLockError';
  }
}

/** How migrations wait for the locks of tables. */
interface Patience {
  /**
   * Milliseconds that a migration waits for one lock. While it waits, everything else that needs the table queues behind it, in
   * running processes too.
   */
  lockTimeout: number;
  /** How often all pending migrations are tried, and the milliseconds in between, in which requests go on. */
  attempts: number;
  pause: number;
  /** Called after an attempt that failed, unless it was the last. */
  onBlocked: (migration: string) => unknown;
}

const patience: Patience = {
  lockTimeout: 4_000,
  attempts: 8,
  pause: 2_000,
  onBlocked: () => {},
};

/**
 * Runs all pending migrations under Kysely's lock, in one transaction, and returns their names. `withoutTimeout` provides a
 * connection without a statement timeout; it is called only if a migration is pending. Throws MigrationLockError if another
 * transaction keeps a lock for too long.
 */
export async function migrateToLatest(
  connection: Connection,
  withoutTimeout: WithoutTimeout = (run) => run(connection),
  given: Partial<Patience> = {},
): Promise<string[]> {
  const applied = await appliedMigrations(connection);
  const unknown = applied.find((name) => !(name in migrations));
  if (unknown) throw new NewerSchemaError(unknown);
  // Kysely's migrator reads the whole catalog first, which would dominate every later start.
  if (Object.keys(migrations).every((name) => applied.includes(name))) return [];
  return withoutTimeout((db) => migratePatiently(db, { ...patience, ...given }));
}

async function migratePatiently(
  db: Connection,
  { lockTimeout, attempts, pause, onBlocked }: Patience,
): Promise<string[]> {
  const limited = mapValues(migrations, ({ up }) => ({
    up: async (transaction: Connection) => {
      await sql`select set_config('lock_timeout', ${String(lockTimeout)}, true)`.execute(
        transaction,
      );
      await up(transaction);
    },
  }));
  const migrator = new Migrator({ db, provider: { getMigrations: async () => limited } });
  for (let attempt = 1; ; attempt++) {
    const { error, results = [] } = await migrator.migrateToLatest();
    if (!error) return results.map((result) => result.migrationName);
    if (!isLockTimeout(error)) throw error;
    const blocked = results.find(({ status }) => status === 'Error')?.migrationName ?? '';
    if (attempt === attempts) throw new MigrationLockError(blocked, { cause: error });
    onBlocked(blocked);
    await setTimeout(pause);
  }
}

const mapValues = <Value, Result>(
  record: Record<string, Value>,
  map: (value: Value) => Result,
): Record<string, Result> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));

type WithoutTimeout = (run: (connection: Connection) => Promise<string[]>) => Promise<string[]>;

/** The migrations that must run before this version of Writ can use the database. */
export async function pendingMigrations(connection: Connection): Promise<string[]> {
  const applied = new Set(await appliedMigrations(connection));
  return Object.keys(migrations).filter((name) => !applied.has(name));
}

async function appliedMigrations(connection: Connection): Promise<string[]> {
  try {
    const rows = await connection
      .withTables<{ kysely_migration: { name: string } }>()
      .selectFrom('kysely_migration')
      .select('name')
      .execute();
    return rows.map((row) => row.name);
  } catch (error) {
    if (isMissingTable(error)) return [];
    throw error;
  }
}
