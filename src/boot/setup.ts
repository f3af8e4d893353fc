import { existsSync } from 'node:fs';
import * as path from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { SettingsError } from '../../config/settings-error.ts';
import { type Database, openDatabase, pgliteDirectory } from '../../db/database.ts';
import { DatabaseDirectoryError } from '../../db/directory-error.ts';
import { lockDirectory } from '../../db/lock-file.ts';
import { migrateToLatest, migrations } from '../../db/migrate.ts';
import { createKeyring, type Keyring } from '../crypto/sealing.ts';
import { administrators } from '../domain/accounts/administrators.ts';
import type { NewAdministrator } from '../domain/accounts/first-administrator.ts';
import { createDomain } from '../domain/index.ts';
import { ensureInstallation } from '../domain/installation/installation.ts';
import { type DataDirectory, localUrlOf, openDataDirectory } from './data-directory.ts';
import { configuredIssuer, findInstallationProblems } from './database-problems.ts';
import {
  ensureAdministrator,
  ensureOperatorFile,
  type PendingAdministrator,
} from './first-start.ts';
import { requireDistinctIssuerPath } from './issuer-path.ts';

/** What must be there before anything else: the directory, the keys that seal, the database. */
export interface Bootstrap {
  database: Database;
  keyring: Keyring;
  directory: DataDirectory;
  /** The migrations that this start applied; all of them if the embedded database is new. */
  migrated: string[];
  close(): Promise<void>;
}

/** Receives a line about each step of a start. */
export type Progress = (message: string) => void;

interface BootstrapOptions {
  progress?: Progress;
  onIdleError?: (error: Error) => void;
  /** The issuer that the database must belong to; not checked if it is left out. */
  issuer?: string | undefined;
}

/**
 * Opens the database that the settings name, and brings its schema up to date. Throws SettingsError, before the schema
 * is touched, if the database was set up with another issuer or other SECRET_KEYS, and DirectoryInUseError and
 * DatabaseDirectoryError.
 */
export async function openBootstrap(
  settings: Settings,
  { progress = () => {}, onIdleError = () => {}, issuer }: BootstrapOptions = {},
): Promise<Bootstrap> {
  const directory = openDataDirectory(settings.DATA_DIR);
  const files = pgliteDirectory(settings.DATABASE_URL);
  const explain = (error: unknown): never => {
    throw files ? DatabaseDirectoryError.explain(files, error) : error;
  };
  if (settings.embedded) await directory.create().catch(explain);
  const unlock = files ? await lockDirectory(files).catch(explain) : async () => {};
  try {
    const keyring = createKeyring(
      settings.SECRET_KEYS ?? (await keysInFile(directory, files).catch(explain)),
    );
    progress(
      settings.embedded ? `Opening the database in ${files ?? 'memory'}` : 'Connecting to Postgres',
    );
    const database = await openDatabase(settings.DATABASE_URL, {
      poolSize: settings.DATABASE_POOL_SIZE,
      onIdleError,
    });
    try {
      const problems = await findInstallationProblems(database.kysely, {
        issuer,
        keyring,
        keyFile: settings.SECRET_KEYS ? undefined : directory.secretsFile,
      });
      if (problems.length > 0) throw new SettingsError(problems);
      const pending = await migrate(database, settings, progress);
      const migrated = database.isNew ? Object.keys(migrations) : pending;
      if (migrated.length > 0) progress(describeMigrations(migrated));
      return {
        database,
        keyring,
        directory,
        migrated,
        close: async () => {
          await database.close();
          await unlock();
        },
      };
    } catch (error) {
      await database.close();
      throw error;
    }
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** Whether a directory has an embedded database already. */
export const holdsDatabase = (files: string): boolean => existsSync(path.join(files, 'PG_VERSION'));

/** A lost file is not replaced: a new key would not open what the old one sealed. */
async function keysInFile(directory: DataDirectory, files: string | undefined): Promise<string[]> {
  if (files && holdsDatabase(files) && !(await directory.readSecretKeys()))
    throw new SettingsError([
      `SECRET_KEYS: ${directory.secretsFile} is missing, with the key that encrypts the secrets of the database in ${files}; restore it from a backup, or set SECRET_KEYS`,
    ]);
  return directory.ensureSecretKeys();
}

/** The first migration creates the tables. */
const describeMigrations = (migrated: string[]): string =>
  migrated[0]?.startsWith('0001_')
    ? 'Created the tables'
    : `Applied the migrations ${migrated.join(', ')}`;

/** A migration of a large table can take longer than the statement timeout of requests. */
function migrate(
  { kysely, embedded }: Database,
  { DATABASE_URL }: Settings,
  progress: Progress,
): Promise<string[]> {
  if (embedded) return migrateToLatest(kysely);
  return migrateToLatest(
    kysely,
    async (run) => {
      const noStatementTimeout = await openDatabase(DATABASE_URL, {
        poolSize: 2,
        noStatementTimeout: true,
      });
      try {
        return await run(noStatementTimeout.kysely);
      } finally {
        await noStatementTimeout.close();
      }
    },
    {
      onBlocked: (name) =>
        progress(`The migration ${name} waits for a lock that another transaction keeps`),
    },
  );
}

/** What `writ setup` did. */
export interface SetUp {
  issuer: string;
  /** Whether the database was new. */
  created: boolean;
  /** Whether it wrote operator.json. */
  operatorFile: boolean;
  administrator: PendingAdministrator | undefined;
  /** The email addresses of the active administrators. */
  administrators: string[];
  /** Where the server will listen on this machine, if that differs from the issuer. */
  localUrl: string | undefined;
}

/** What the first embedded start does, for a database that many processes share: once, by hand. Throws SettingsError. */
export async function setUp(
  settings: Settings,
  {
    administrator,
    progress,
  }: { administrator?: NewAdministrator | undefined; progress?: Progress } = {},
): Promise<SetUp> {
  requireDistinctIssuerPath(settings);
  const issuer = settings.ISSUER ?? `http://localhost:${settings.PORT}`;
  const localUrl = localUrlOf(settings, issuer);
  const { database, keyring, directory, close } = await openBootstrap(settings, {
    issuer: configuredIssuer(settings),
    ...(progress && { progress }),
  });
  try {
    const created = await ensureInstallation(database, {
      issuer,
      keyring,
      brand: settings.BRAND_NAME,
    });
    if (created) progress?.('Created the signing keys');
    const domain = await createDomain({
      database,
      keyring,
      product: { brand: settings.BRAND_NAME, issuer },
      validateMetadata: () => {
        throw new Error('only a running server checks the metadata of clients');
      },
      onError: () => {},
    });
    try {
      await domain.partitions.createAhead();
      await domain.auditPartitions.createAhead();
      const operatorFile = await ensureOperatorFile({ directory, domain, issuer, localUrl });
      if (operatorFile) progress?.(`Created ${directory.operatorFile}`);
      const pending = await ensureAdministrator(domain, issuer, 'administrator', administrator);
      return {
        issuer,
        created,
        operatorFile,
        administrator: pending,
        administrators: (await administrators(database.kysely)).map(({ email, id }) => email ?? id),
        localUrl,
      };
    } finally {
      await domain.lastUsed.close();
    }
  } finally {
    await close();
  }
}
