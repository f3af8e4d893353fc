/**
 * What is checked before a server or `setup` creates anything: each setting, and what it names on this machine and
 * elsewhere (the port, the logo, the database and what it holds). Everything that is wrong is reported at once.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { readOpenTelemetry } from '../../config/open-telemetry.ts';
import { readSettings, type Settings } from '../../config/settings.ts';
import { SettingsError } from '../../config/settings-error.ts';
import { openDatabase, pgliteDirectory } from '../../db/database.ts';
import { lockDirectory } from '../../db/lock-file.ts';
import { createKeyring } from '../crypto/sealing.ts';
import { loadBrand } from '../web/brand/brand.ts';
import { openDataDirectory } from './data-directory.ts';
import {
  configuredIssuer,
  findInstallationProblems,
  findPostgresProblems,
  rolesOfRegistration,
} from './database-problems.ts';
import { findIssuerPathProblems } from './issuer-path.ts';
import { holdsDatabase } from './setup.ts';

/**
 * Reads the settings for a command that opens the database. Only `serve` listens; `migrate` can do without the issuer.
 *
 * @param options.listens False if other processes of this server listen at the port already.
 * @throws SettingsError
 */
export async function checkSettings(
  environment: Record<string, string | undefined>,
  command: 'serve' | 'setup' | 'migrate',
  { listens = command === 'serve' }: { listens?: boolean } = {},
): Promise<Settings> {
  const { settings, valid, problems } = readSettings(environment);
  const isIssuerWrong = problems.some((problem) => problem.startsWith('ISSUER: '));
  const issuer = command === 'migrate' || isIssuerWrong ? valid.ISSUER : configuredIssuer(valid);
  const isPostgres = valid.DATABASE_URL !== undefined && !valid.embedded;
  const found = await Promise.all([
    findFileProblems(valid),
    listens ? findPortProblems(valid) : [],
    isPostgres ? findPostgresProblems(valid, issuer) : [],
  ]);
  const telemetry = command === 'serve' ? readOpenTelemetry(environment).problems : [];
  const all = [...problems, ...telemetry, ...found.flat()];
  if (settings && all.length === 0) return settings;
  // A port in use often means that this very server is running: its database is locked then.
  if (all.every((problem) => problem.startsWith('PORT: ')))
    throw new SettingsError(all, commands[command]);
  const checksKeys = !problems.some((problem) => problem.startsWith('SECRET_KEYS: '));
  const embedded = await findEmbeddedProblems(valid, { issuer, checksKeys }).catch((error) => [
    `DATA_DIR: ${error.message}`,
  ]);
  throw new SettingsError([...all, ...embedded], commands[command]);
}

/** How a report of problems names each command. */
const commands = { serve: 'The server', setup: 'The setup', migrate: 'The migration' } as const;

/** Problems that need no more than the settings and the files of this machine. */
export async function findFileProblems(valid: Partial<Settings>): Promise<string[]> {
  const { BRAND_NAME, BRAND_COLOR, BRAND_LOGO, BRAND_STYLE } = valid;
  const problems = findIssuerPathProblems(valid);
  try {
    await loadBrand({
      BRAND_NAME: BRAND_NAME ?? '',
      BRAND_COLOR: BRAND_COLOR ?? '',
      BRAND_LOGO,
      BRAND_STYLE,
    });
    return problems;
  } catch (error) {
    if (error instanceof SettingsError) return [...problems, ...error.problems];
    throw error;
  }
}

/** Listens for a moment: nothing else says whether a port is free. */
async function findPortProblems({ HOST, PORT, embedded }: Partial<Settings>): Promise<string[]> {
  if (!PORT) return [];
  const host = HOST ?? (embedded ? 'localhost' : undefined);
  const server = createServer().listen(PORT, host);
  try {
    await once(server, 'listening');
    return [];
  } catch (error) {
    return [explainListening(error, { host, port: PORT })];
  } finally {
    server.close();
  }
}

/** Why a server cannot listen. */
export function explainListening(
  error: unknown,
  { host, port }: { host: string | undefined; port: number },
): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    EADDRINUSE: `PORT: ${port} is in use by another process; choose another port, or stop that process`,
    EACCES: `PORT: this process is not allowed to listen on ${port}; choose a port above 1023, or put a proxy before it`,
    EADDRNOTAVAIL: `HOST: ${host} is not an address of this machine`,
    ENOTFOUND: `HOST: ${host} is unknown on this machine`,
    EAI_AGAIN: `HOST: ${host} is unknown on this machine`,
  };
  return reasons[code] ?? `PORT: cannot listen on ${port} (${message})`;
}

/** Opens an embedded database that exists, only to report what is wrong with it along with the rest. */
async function findEmbeddedProblems(
  valid: Partial<Settings>,
  { issuer, checksKeys }: { issuer: string | undefined; checksKeys: boolean },
): Promise<string[]> {
  const files = pgliteDirectory(valid.DATABASE_URL ?? '');
  if (!valid.embedded || !valid.DATA_DIR || !files || !holdsDatabase(files)) return [];
  const directory = openDataDirectory(valid.DATA_DIR);
  const secrets = valid.SECRET_KEYS ?? (await directory.readSecretKeys());
  const unlock = await lockDirectory(files);
  try {
    const database = await openDatabase(`pglite:${files}`);
    try {
      return await findInstallationProblems(database.kysely, {
        issuer,
        keyring: checksKeys && secrets ? createKeyring(secrets) : undefined,
        keyFile: valid.SECRET_KEYS ? undefined : directory.secretsFile,
        registrationRoles: rolesOfRegistration(valid),
      });
    } finally {
      await database.close();
    }
  } finally {
    await unlock();
  }
}
