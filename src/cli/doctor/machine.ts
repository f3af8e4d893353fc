import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import { loadSettings, SettingsError } from '../../../config/settings.ts';
import { type Check, failed, ok, warning } from '../../boot/check.ts';
import { dataDirectoryOf, type Environment, type Whereabouts } from '../context.ts';

/** What this machine holds: the settings of the environment, and the files of the installation. */
export async function checkMachine(
  environment: Environment,
  { token }: Whereabouts,
): Promise<Check[]> {
  const given = token !== undefined && token.tokenFrom !== 'the key in operator.json';
  return [...checkSettings(environment), ...(await checkFiles(environment, given))];
}

function checkSettings(environment: Environment): Check[] {
  try {
    const { embedded, REDIS_URL } = loadSettings(environment);
    const stores = `${embedded ? 'the embedded database' : 'Postgres'}${REDIS_URL ? ' and Redis' : ''}`;
    return [ok('settings', `The settings of this environment are in order; they name ${stores}.`)];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems.map((problem) =>
      failed('settings', problem, 'docs/settings.md says what each setting takes.'),
    );
  }
}

/** Whether they are there, and for their owner's eyes only. `elsewhere`: the command does without. */
async function checkFiles(environment: Environment, elsewhere: boolean): Promise<Check[]> {
  const directory = dataDirectoryOf(environment).path;
  const absent = (name: string, what: string) =>
    elsewhere
      ? ok(name, `There is none here, and none is needed: a token was given.`)
      : failed(
          name,
          `There is no ${what}.`,
          'Run the command where the server runs, set DATA_DIR to its directory, or name a server with --url and --token. "writ serve" makes it on the embedded database, "writ setup" on Postgres.',
        );
  const checks: Check[] = [];
  for (const [name, file, mode] of [
    ['data directory', directory, '700'],
    ['operator file', path.join(directory, 'operator.json'), '600'],
  ] as const) {
    const found = await stat(file).catch(() => undefined);
    if (!found) return [...checks, absent(name, file)];
    checks.push(
      isOpen(found.mode)
        ? (name === 'operator file' ? failed : warning)(
            name,
            `Others on this machine can look into ${file}.`,
            `Run: chmod ${mode} ${file}`,
          )
        : ok(name, `${file} is for its owner only.`),
    );
  }
  return checks;
}

/** Windows has no such modes. */
const isOpen = (mode: number) => process.platform !== 'win32' && (mode & 0o077) !== 0;
