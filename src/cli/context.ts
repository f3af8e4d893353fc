import { isLoopback, loadSettings } from '../../config/settings.ts';
import { BrokenFileError, type OperatorFile, openDataDirectory } from '../boot/data-directory.ts';
import { urlOf } from '../oauth/issuer.ts';
import type { Target } from './api-client.ts';
import { commandName } from './command-name.ts';
import { Failure, WrongUsage } from './failure.ts';
import { issuerAt } from './server-issuer.ts';

export type Environment = Record<string, string | undefined>;

export interface ConnectionOptions {
  url?: string | undefined;
  token?: string | undefined;
}

/** The server that a command talks to, as far as it is known, and where that was found. */
export interface Whereabouts {
  url?: { value: string; from: string };
  /** The token that can be sent there. */
  token?: Omit<Target, 'url'>;
  /** What a person should know: another URL is used than the one that operator.json names first. */
  notice?: string;
  /** Neither URL of operator.json is this server. */
  trouble?: Failure;
}

/** The data directory of this environment; other settings can be wrong. */
export const dataDirectoryOf = (environment: Environment) =>
  openDataDirectory(loadSettings({ DATA_DIR: environment['DATA_DIR'] }).DATA_DIR);

/**
 * Finds the server and the token. The token is the first of `--token`, `WRIT_TOKEN` and operator.json in DATA_DIR,
 * whose key is sent to its own server only.
 */
export async function locate(
  { url, token }: ConnectionOptions,
  environment: Environment,
): Promise<Whereabouts> {
  const operator = await readOperatorFile(environment);
  const named = [
    { value: url, from: '--url' },
    { value: environment['WRIT_URL'], from: 'WRIT_URL' },
  ].find(({ value }) => value);
  const known = named ? undefined : operator && (await urlToUse(operator));
  const target = named ?? (known && { value: known.url, from: 'operator.json' });
  if (!target?.value) return {};
  const origin = withoutFinalSlash(target.value, target.from);
  const given = token || environment['WRIT_TOKEN'];
  const found = {
    url: { value: origin, from: target.from },
    ...(known?.trouble && { trouble: known.trouble }),
    ...(!named &&
      origin === operator?.local_url && {
        notice: `${operator.url} does not answer as this server yet; using ${origin}.`,
      }),
  };
  if (given) {
    const tokenFrom = `the token in ${token ? '--token' : 'WRIT_TOKEN'}`;
    return { ...found, token: { token: given, tokenFrom, tokenRemedy: useAnother } };
  }
  if (!operator || !(await isServerOf(operator, origin))) return found;
  const tokenFrom = 'the key in operator.json';
  return { ...found, token: { token: operator.api_key, tokenFrom, tokenRemedy: createAnother } };
}

/** Milliseconds to wait for a URL that has an alternative. */
const probePatience = 5_000;

/** The local URL of operator.json while the issuer's URL does not lead to the server: before DNS and the proxy do. */
async function urlToUse({
  url,
  local_url: localUrl,
}: OperatorFile): Promise<{ url: string; trouble?: Failure }> {
  if (!localUrl || (await issuerAt(urlOf(url, ''), probePatience)) === url) return { url };
  if ((await issuerAt(localUrl, probePatience)) === url) return { url: localUrl };
  const trouble = new Failure(
    `Neither ${url} nor ${localUrl} on this machine responds as the server of operator.json.`,
    { remedy: 'Is the server running? If it listens on another port, pass its URL with --url.' },
  );
  return { url, trouble };
}

/** Any URL of this machine will do, if the server there names the issuer of operator.json. */
async function isServerOf(
  { url, local_url: localUrl }: OperatorFile,
  origin: string,
): Promise<boolean> {
  if (origin === urlOf(url, '') || origin === localUrl) return true;
  return isLoopback(new URL(origin).hostname) && (await issuerAt(origin, probePatience)) === url;
}

const useAnother = 'Use one that is active, for this API and with its scopes.';
const createAnother = `"${commandName} serve" creates a new one on the embedded database, and "${commandName} setup" on Postgres.`;

/** The server that a command talks to. Throws Failure if none is known, or no token for it. */
export async function findTarget(
  options: ConnectionOptions,
  environment: Environment,
): Promise<Target & { notice?: string }> {
  const { url, token, notice, trouble } = await locate(options, environment);
  if (!url) throw noServer();
  if (trouble) throw trouble;
  if (!token) throw noToken(url.value);
  return { url: url.value, ...token, ...(notice && { notice }) };
}

export const noServer = () =>
  new Failure('No server is known here.', {
    remedy: `Start one with "${commandName} serve" in this directory, set DATA_DIR to the data directory of a server, or name one with --url and --token.`,
  });

export const noToken = (url: string) =>
  new Failure(`No token for ${url} is known.`, {
    remedy: 'Pass one with --token or WRIT_TOKEN, or run the command on the machine of the server.',
  });

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
      `${directory.path}/operator.json cannot be read: ${code === 'EACCES' ? 'it belongs to another user' : message}.`,
      {
        remedy:
          code === 'EACCES'
            ? 'Run the command as the user that the server runs as.'
            : `Remove it. ${createAnother}`,
        cause,
      },
    );
  }
}

function withoutFinalSlash(url: string, from: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new WrongUsage(
      `${from}: "${url}" is not the URL of a server, such as https://login.example.com.`,
    );
  return url.replace(/\/+$/, '');
}
