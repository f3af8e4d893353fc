/** What can be wrong with the database that the settings name, in words for the person who set them. */
import { sql } from 'kysely';
import type { Settings } from '../../config/settings.ts';
import { type Database, openDatabase } from '../../db/database.ts';
import { isMissingTable } from '../../db/errors.ts';
import { pendingMigrations } from '../../db/migrate.ts';
import type { Connection } from '../../db/schema.ts';
import { createKeyring, type Keyring, SealError } from '../crypto/sealing.ts';
import { openSealedKeys } from '../domain/keys/sealed-keys.ts';
import { openSigningKeys } from '../domain/keys/signing-keys.ts';

/** Milliseconds to wait for a connection and an answer. */
const maxWait = 10_000;

/** The issuer of an installation; undefined if only the port that the server is given decides it. */
export const configuredIssuer = ({
  ISSUER,
  PORT,
}: Partial<Pick<Settings, 'ISSUER' | 'PORT'>>): string | undefined =>
  ISSUER ?? (PORT ? `http://localhost:${PORT}` : undefined);

/** Connects to the Postgres of DATABASE_URL and returns what is wrong with it. Creates nothing. */
export async function findPostgresProblems(
  settings: Partial<Settings>,
  issuer: string | undefined,
): Promise<string[]> {
  const { DATABASE_URL: url = '', SECRET_KEYS: secrets } = settings;
  let database: Database | undefined;
  try {
    database = await openDatabase(url, { poolSize: 1, maxWait });
    const problems = await findServerProblems(database.kysely);
    if (problems.length > 0) return problems;
    return await findInstallationProblems(database.kysely, {
      issuer,
      keyring: secrets && createKeyring(secrets),
      registrationRoles: rolesOfRegistration(settings),
    });
  } catch (error) {
    return [explainConnection(url, error)];
  } finally {
    await database?.close();
  }
}

/** The version of Postgres, and whether its user can create the tables that are missing. */
async function findServerProblems(connection: Connection): Promise<string[]> {
  const { rows } = await sql<{ version: number; user: string; schema: string | null }>`
    select current_setting('server_version_num')::integer as version, current_user as user,
      current_schema() as schema`.execute(connection);
  const [{ version, user, schema } = { version: 0, user: '', schema: '' }] = rows;
  if (version < 150_000)
    return [
      `DATABASE_URL: Postgres ${Math.floor(version / 10_000)} is too old; Writ needs version 15 or later`,
    ];
  if ((await pendingMigrations(connection)).length === 0) return [];
  const { rows: rights } = await sql<{ allowed: boolean }>`
    select coalesce(has_schema_privilege(current_schema(), 'create'), false) as allowed`.execute(
    connection,
  );
  return rights[0]?.allowed
    ? []
    : [
        `DATABASE_URL: the user ${user} is not allowed to create tables in the schema ${schema ?? 'public'}; run as the owner of the database: grant create, usage on schema ${schema ?? 'public'} to ${user}`,
      ];
}

/**
 * Whether these settings belong to the installation that a database holds: its issuer, and the keys that sealed its
 * secrets. A new database has neither, so nothing is wrong. What is left out is not checked.
 */
export async function findInstallationProblems(
  connection: Connection,
  { issuer, keyring, keyFile, registrationRoles = [] }: InstallationSettings,
): Promise<string[]> {
  try {
    const stored = await connection.selectFrom('installation').select('issuer').executeTakeFirst();
    if (!stored) return [];
    return [
      ...(issuer === undefined || stored.issuer === issuer
        ? []
        : [
            `ISSUER: is ${issuer}, but the database belongs to the issuer ${stored.issuer}; set ISSUER=${stored.issuer}, or use another database`,
          ]),
      ...(keyring ? await findKeyProblems(connection, keyring, keyFile) : []),
      ...(await findMissingRoles(connection, registrationRoles)),
    ];
  } catch (error) {
    if (isMissingTable(error)) return [];
    throw error;
  }
}

export interface InstallationSettings {
  issuer: string | undefined;
  keyring: Keyring | undefined;
  /** The file that the keys come from if SECRET_KEYS is unset. */
  keyFile?: string | undefined;
  /** REGISTRATION_ROLES, if people can register. */
  registrationRoles?: readonly string[] | undefined;
}

/** The roles of people who register, if they can. */
export const rolesOfRegistration = ({
  REGISTRATION = 'off',
  REGISTRATION_ROLES,
}: Partial<Settings>): readonly string[] | undefined =>
  REGISTRATION === 'off' ? undefined : REGISTRATION_ROLES;

async function findMissingRoles(
  connection: Connection,
  names: readonly string[],
): Promise<string[]> {
  if (names.length === 0) return [];
  const rows = await connection
    .selectFrom('role')
    .select(['name', 'api_scopes'])
    .where('name', 'in', names)
    .execute();
  const withScopes = rows.find((row) => row.api_scopes.length > 0);
  if (withScopes)
    return [
      `REGISTRATION_ROLES: the role ${withScopes.name} gives scopes of this server (${withScopes.api_scopes.join(' ')}), which strangers must not have`,
    ];
  const missing = names.filter((name) => !rows.some((row) => row.name === name));
  return missing.length === 0
    ? []
    : [
        `REGISTRATION_ROLES: the role ${missing[0]} does not exist; start without it, create it with "writ roles set ${missing[0]} --permission PERMISSION", then set REGISTRATION_ROLES`,
      ];
}

async function findKeyProblems(
  connection: Connection,
  keyring: Keyring,
  keyFile: string | undefined,
): Promise<string[]> {
  const opened = await Promise.all(
    [
      () => openSealedKeys(connection, keyring, 'client-secret-digest'),
      () => openSealedKeys(connection, keyring, 'cookies'),
      () => openSigningKeys(connection, keyring),
    ].map((open) =>
      open().then(
        () => true,
        (error) => {
          if (error instanceof SealError) return false;
          throw error;
        },
      ),
    ),
  );
  if (opened.every(Boolean)) return [];
  if (keyFile)
    return [
      `SECRET_KEYS: the key in ${keyFile} is not the one that encrypts the secrets of this database; restore that file from a backup, or set SECRET_KEYS`,
    ];
  return [
    opened.some(Boolean)
      ? 'SECRET_KEYS: a key that still encrypts a part of this database is missing; add it at the end, start, run "writ keys reseal", then remove it'
      : 'SECRET_KEYS: none of these keys encrypts the secrets of this database; set the keys that it was set up with',
  ];
}

/** Why Postgres cannot be reached, or does not accept the connection. */
export function explainConnection(url: string, error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const { code = '', message } = first as NodeJS.ErrnoException;
  if (message.startsWith('DATABASE_URL: ')) return message;
  const { place, user, database } = partsOf(url);
  const reasons: Record<string, string> = {
    ECONNREFUSED: `nothing listens at ${place}; is Postgres running there?`,
    ENOENT: `there is no socket at ${place}; is Postgres running?`,
    ENOTFOUND: `the host of ${place} is unknown; is it spelled right?`,
    EAI_AGAIN: `the host of ${place} is unknown; is it spelled right?`,
    EHOSTUNREACH: `${place} is unreachable; check the network and its firewalls`,
    ENETUNREACH: `${place} is unreachable; check the network and its firewalls`,
    ETIMEDOUT: `${place} does not answer; check the host, the port and the firewalls`,
    '28P01': `Postgres at ${place} rejects the password of the user ${user}`,
    '28000': `Postgres at ${place} does not accept the user ${user} from here (${message})`,
    '3D000': `Postgres at ${place} has no database ${database}; create it: createdb ${database}`,
  };
  const reason =
    reasons[code] ??
    (/timeout|terminated|let no connection in|not answered in time/i.test(message)
      ? reasons['ETIMEDOUT']
      : /password must be a string/.test(message)
        ? `Postgres at ${place} asks for a password, and the URL has none`
        : `Postgres at ${place} cannot be used: ${message}`);
  return `DATABASE_URL: ${reason}`;
}

function partsOf(url: string): { place: string; user: string; database: string } {
  const { hostname, port, username, pathname, searchParams } = URL.parse(url) ?? {
    hostname: '',
    port: '',
    username: '',
    pathname: '',
    searchParams: new URLSearchParams(),
  };
  const socket = searchParams.get('host');
  return {
    place: hostname ? `${hostname}:${port || 5432}` : (socket ?? 'its address'),
    user: decodeURIComponent(username) || 'that is the default',
    database: decodeURIComponent(pathname.slice(1)) || 'of that name',
  };
}
