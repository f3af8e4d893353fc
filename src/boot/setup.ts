import type { Settings } from '../../config/settings.ts';
import { type Database, openDatabase, pgliteDirectory } from '../../db/database.ts';
import { DatabaseDirectoryError } from '../../db/directory-error.ts';
import { lockDirectory } from '../../db/lock-file.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import { createKeyring, type Keyring } from '../crypto/sealing.ts';
import type { NewAdministrator } from '../domain/accounts/first-administrator.ts';
import { createDomain } from '../domain/index.ts';
import { ensureInstallation } from '../domain/installation/installation.ts';
import { type DataDirectory, openDataDirectory } from './data-directory.ts';
import {
  ensureAdministrator,
  ensureOperatorFile,
  type PendingAdministrator,
} from './first-start.ts';
import { requireDistinctIssuerPath } from './issuer-path.ts';

/** What stands before anything else can: the directory, the keys that seal, the database. */
export interface Bootstrap {
  database: Database;
  keyring: Keyring;
  directory: DataDirectory;
  /** Migrations that had to run. */
  migrated: string[];
  close(): Promise<void>;
}

/** Told what is being done, while it is done. */
export type Progress = (message: string) => void;

/** Opens the database that the settings name, and brings its schema up to date. Throws DirectoryInUseError and DatabaseDirectoryError. */
export async function openBootstrap(
  settings: Settings,
  {
    progress = () => {},
    onIdleError = () => {},
  }: { progress?: Progress; onIdleError?: (error: Error) => void } = {},
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
      settings.SECRET_KEYS ?? (await directory.secretKeys().catch(explain)),
    );
    progress(
      settings.embedded ? `Opening the database in ${files ?? 'memory'}` : 'Connecting to Postgres',
    );
    const database = await openDatabase(settings.DATABASE_URL, {
      poolSize: settings.DATABASE_POOL_SIZE,
      onIdleError,
    });
    try {
      const migrated = await migrate(database, settings);
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

/** `migrated`: in the order in which they ran; the first of all creates the tables. */
const describeMigrations = (migrated: string[]): string =>
  migrated[0]?.startsWith('0001_')
    ? 'Created the tables'
    : `Applied the migrations ${migrated.join(', ')}`;

/** A migration of a large table takes longer than any request may. */
function migrate({ kysely, embedded }: Database, { DATABASE_URL }: Settings): Promise<string[]> {
  if (embedded) return migrateToLatest(kysely);
  return migrateToLatest(kysely, async (run) => {
    const noStatementTimeout = await openDatabase(DATABASE_URL, {
      poolSize: 2,
      noStatementTimeout: true,
    });
    try {
      return await run(noStatementTimeout.kysely);
    } finally {
      await noStatementTimeout.close();
    }
  });
}

/** What `writ setup` did. */
export interface SetUp {
  /** Whether it wrote operator.json. */
  operatorFile: boolean;
  administrator: PendingAdministrator | undefined;
}

/** What the first embedded start does, for a database that many processes share: once, by hand. */
export async function setUp(settings: Settings, administrator?: NewAdministrator): Promise<SetUp> {
  requireDistinctIssuerPath(settings);
  const issuer = settings.ISSUER ?? `http://localhost:${settings.PORT}`;
  const { database, keyring, directory, close } = await openBootstrap(settings);
  try {
    await ensureInstallation(database, { issuer, keyring });
    const domain = await createDomain({
      database,
      keyring,
      product: { brand: settings.BRAND_NAME, issuer },
      validateMetadata: () => {
        throw new Error('only a server that runs checks the metadata of clients');
      },
      onError: () => {},
    });
    try {
      await domain.partitions.createAhead();
      await domain.auditPartitions.createAhead();
      return {
        operatorFile: await ensureOperatorFile({ directory, domain, issuer }),
        administrator: await ensureAdministrator(domain, issuer, administrator),
      };
    } finally {
      await domain.lastUsed.close();
    }
  } finally {
    await close();
  }
}
