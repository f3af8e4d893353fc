import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import { readOpenTelemetry } from '../../../config/open-telemetry.ts';
import { type ReadSettings, readSettings } from '../../../config/settings.ts';
import { type Check, failed, ok, warning } from '../../boot/check.ts';
import { findFileProblems } from '../../boot/preflight.ts';
import { commandName } from '../command-name.ts';
import { dataDirectoryOf, type Whereabouts } from '../context.ts';
import type { Environment } from '../environment.ts';

/** Checks the settings of the environment, and the files of the installation on this machine. */
export async function checkMachine(
  environment: Environment,
  { token }: Whereabouts,
): Promise<Check[]> {
  const given = token !== undefined && token.tokenFrom !== 'the key in operator.json';
  const read = readSettings(environment);
  const isPostgres = read.valid.embedded === false;
  const problems = [...read.problems, ...readOpenTelemetry(environment).problems];
  return [
    ...(await checkSettings({ ...read, problems })),
    ...(await checkFiles(environment, given, isPostgres)),
  ];
}

async function checkSettings({ settings, valid, problems }: ReadSettings): Promise<Check[]> {
  const all = [...problems, ...(await findFileProblems(valid))];
  if (!settings || all.length > 0)
    return all.map((problem) => failed('settings', problem, 'See docs/settings.md.'));
  const stores = `${settings.embedded ? 'the embedded database' : 'Postgres'}${settings.REDIS_URL ? ' and Redis' : ''}`;
  return [ok('settings', `The settings of this environment are valid, for ${stores}.`)];
}

/** Whether the files exist, and only their owner can read them. `elsewhere`: the command does not need them. */
async function checkFiles(
  environment: Environment,
  elsewhere: boolean,
  isPostgres: boolean,
): Promise<Check[]> {
  const directory = dataDirectoryOf(environment).path;
  const absent = (name: string, what: string) =>
    elsewhere
      ? ok(name, `There is none here. None is needed, since a token was passed.`)
      : failed(
          name,
          `Writ is not set up here yet: there is no ${what}.`,
          isPostgres
            ? `Run: ${commandName} setup. If it is set up elsewhere, set DATA_DIR to its data directory, or pass --url and --token.`
            : `Start a server here: ${commandName} serve. If one runs elsewhere, set DATA_DIR to its data directory, or pass --url and --token.`,
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
            `Other users of this machine can read ${file}.`,
            `Run: chmod ${mode} ${file}`,
          )
        : ok(name, `Only its owner can read ${file}.`),
    );
  }
  return checks;
}

/** Windows has no file modes. */
const isOpen = (mode: number) => process.platform !== 'win32' && (mode & 0o077) !== 0;
