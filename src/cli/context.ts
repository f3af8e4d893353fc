import { loadSettings } from '../../config/settings.ts';
import { BrokenFileError, openDataDirectory } from '../boot/data-directory.ts';
import { urlOf } from '../oauth/issuer.ts';
import type { Target } from './api-client.ts';
import { Failure, WrongUsage } from './failure.ts';

export type Environment = Record<string, string | undefined>;

export interface ConnectionOptions {
  url?: string | undefined;
  token?: string | undefined;
}

/** What is known of the server to talk to, and who said so. */
export interface Whereabouts {
  url?: { value: string; from: string };
  /** The token that may be sent there. */
  token?: Omit<Target, 'url'>;
}

/** Where this environment keeps operator.json; other settings may be wrong meanwhile. */
export const dataDirectoryOf = (environment: Environment) =>
  openDataDirectory(loadSettings({ DATA_DIR: environment['DATA_DIR'] }).DATA_DIR);

/**
 * Which server, by which token. The token is the first of: `--token`, `WRIT_TOKEN`, the operator's
 * file in DATA_DIR, which is sent to no other server than its own.
 */
export async function locate(
  { url, token }: ConnectionOptions,
  environment: Environment,
): Promise<Whereabouts> {
  const operator = await readOperatorFile(environment);
  const target = [
    { value: url, from: '--url' },
    { value: environment['WRIT_URL'], from: 'WRIT_URL' },
    { value: operator?.url, from: 'operator.json' },
  ].find(({ value }) => value);
  if (!target?.value) return {};
  const origin = withoutFinalSlash(target.value, target.from);
  const given = token || environment['WRIT_TOKEN'];
  const found = { url: { value: origin, from: target.from } };
  if (given) {
    const tokenFrom = `the token in ${token ? '--token' : 'WRIT_TOKEN'}`;
    return { ...found, token: { token: given, tokenFrom, tokenRemedy: giveAnother } };
  }
  if (!operator || urlOf(operator.url, '') !== origin) return found;
  const tokenFrom = 'the key in operator.json';
  return { ...found, token: { token: operator.api_key, tokenFrom, tokenRemedy: makeAnother } };
}

const giveAnother = 'Give one that is active, for this API and with its scopes.';
const makeAnother =
  'A new one is made when the server starts anew on its embedded database, and by "writ setup" on Postgres.';

/** The server that a command talks to. Throws Failure where none is known, or no token for it. */
export async function findTarget(
  options: ConnectionOptions,
  environment: Environment,
): Promise<Target> {
  const { url, token } = await locate(options, environment);
  if (!url) throw noServer();
  if (!token) throw noToken(url.value);
  return { url: url.value, ...token };
}

export const noServer = () =>
  new Failure('No server is known here.', {
    remedy:
      'Start one with "writ serve" in this directory, set DATA_DIR to that of a server, or name one with --url and --token.',
  });

export const noToken = (url: string) =>
  new Failure(`No token for ${url} is known.`, { remedy: 'Give one with --token or WRIT_TOKEN.' });

async function readOperatorFile(environment: Environment) {
  const directory = dataDirectoryOf(environment);
  try {
    return await directory.readOperatorFile();
  } catch (cause) {
    if (cause instanceof BrokenFileError)
      throw new Failure(`${cause.file} is broken: ${cause.problem}.`, {
        remedy: cause.remedy,
        cause,
      });
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new Failure(
      `${directory.path}/operator.json cannot be read: ${code === 'EACCES' ? 'it belongs to somebody else' : message}.`,
      {
        remedy:
          code === 'EACCES'
            ? 'Run the command as the user that the server runs as.'
            : `Remove it: ${makeAnother}`,
        cause,
      },
    );
  }
}

function withoutFinalSlash(url: string, from: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new WrongUsage(
      `${from}: "${url}" is no URL of a server, such as https://login.example.com.`,
    );
  return url.replace(/\/+$/, '');
}
