import { operatorClientId } from '../../config/clients.ts';
import { apiScopes } from '../../config/scopes.ts';
import type { Settings } from '../../config/settings.ts';
import { type Database, openDatabase, pgliteDirectory } from '../../db/database.ts';
import { lockDirectory } from '../../db/lock-file.ts';
import { migrateToLatest } from '../../db/migrate.ts';
import { createKeyring, type Keyring } from '../crypto/sealing.ts';
import {
  ensureFirstAdministrator,
  type NewAdministrator,
  pendingAdministrator,
} from '../domain/accounts/first-administrator.ts';
import { createDomain, type Domain } from '../domain/index.ts';
import { ensureInstallation, invitationUri } from '../domain/installation/installation.ts';
import { issueApiKey } from '../domain/tokens/named/api-keys.ts';
import { parseToken } from '../domain/tokens/value.ts';
import { scopeTokens } from '../oauth/scope.ts';
import { type DataDirectory, openDataDirectory } from './data-directory.ts';

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

/** Opens the database that the settings name, and brings its schema up to date. Throws DirectoryInUseError. */
export async function openBootstrap(
  settings: Settings,
  {
    progress = () => {},
    onIdleError = () => {},
  }: { progress?: Progress; onIdleError?: (error: Error) => void } = {},
): Promise<Bootstrap> {
  const directory = openDataDirectory(settings.DATA_DIR);
  if (settings.embedded) await directory.create();
  const files = pgliteDirectory(settings.DATABASE_URL);
  const unlock = files ? await lockDirectory(files) : async () => {};
  try {
    const keyring = createKeyring(settings.SECRET_KEYS ?? (await directory.secretKeys()));
    progress(
      settings.embedded ? `Opening the database in ${files ?? 'memory'}` : 'Connecting to Postgres',
    );
    const database = await openDatabase(settings.DATABASE_URL, {
      poolSize: settings.DATABASE_POOL_SIZE,
      onIdleError,
    });
    try {
      const migrated = await migrate(database, settings);
      if (migrated.length > 0) progress(`Made the tables (${migrated.join(', ')})`);
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

/**
 * Makes a key for the `writ` command of this machine and keeps it in operator.json. Nothing where the
 * one that is there opens this installation; one of another, or of a database that is gone, gives way.
 */
export async function ensureOperatorFile({
  directory,
  domain,
  issuer,
}: {
  directory: DataDirectory;
  domain: Domain;
  issuer: string;
}): Promise<boolean> {
  const kept = await directory.readOperatorFile();
  const id = kept?.url === issuer ? parseToken(kept.api_key)?.id : undefined;
  const state = id && (await domain.lookup(id));
  const scopes = Object.keys(apiScopes);
  const held = new Set(scopeTokens(state?.scope));
  // One that an older version made lacks the scopes that came since.
  if (state?.alive && scopes.every((scope) => held.has(scope))) return false;
  const { value } = await issueApiKey(domain.database.kysely, {
    clientId: operatorClientId,
    name: 'operator',
    scopes,
  });
  await directory.create();
  await directory.writeOperatorFile({ url: issuer, api_key: value });
  if (state?.alive) await domain.revoke(state.id);
  return true;
}

/** Who is to administer an installation, while no administrator has a password. */
export interface PendingAdministrator {
  email: string;
  /** Where they choose it: told once, when the account is made. */
  invitationUri?: string;
}

/** Makes the first administrator where there is no account yet, unless it is `false`; tells who still has to choose a password. */
export async function ensureAdministrator(
  domain: Domain,
  issuer: string,
  given?: NewAdministrator | false,
): Promise<PendingAdministrator | undefined> {
  const made = given === false ? undefined : await ensureFirstAdministrator(domain, given);
  if (made)
    return { email: made.email, invitationUri: invitationUri(issuer, made.invitation.value) };
  const email = await pendingAdministrator(domain);
  return email === undefined ? undefined : { email };
}

/** What `writ setup` did. */
export interface SetUp {
  /** Whether it wrote operator.json. */
  operatorFile: boolean;
  administrator: PendingAdministrator | undefined;
}

/** What the first embedded start does, for a database that many processes share: once, by hand. */
export async function setUp(settings: Settings, administrator?: NewAdministrator): Promise<SetUp> {
  const issuer = settings.ISSUER ?? `http://localhost:${settings.PORT}`;
  const { database, keyring, directory, close } = await openBootstrap(settings);
  try {
    await ensureInstallation(database, { issuer, keyring });
    const domain = await createDomain({ database, keyring, onError: () => {} });
    try {
      await domain.partitions.makeAhead();
      await domain.audit.makeAhead();
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
