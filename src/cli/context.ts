import { dataDirectory } from '../../config/data-directory.ts';
import { isLoopback } from '../../config/loopback.ts';
import { BrokenFileError, type OperatorFile, openDataDirectory } from '../boot/data-directory.ts';
import { urlOf } from '../oauth/issuer.ts';
import type { Target } from './api-client.ts';
import { commandName } from './command-name.ts';
import type { Environment } from './environment.ts';
import { Failure, WrongUsage } from './failure.ts';
import { isForOwnApi } from './logins/alias.ts';
import { sourceOf } from './logins/source.ts';
import { type Logins, openLogins, type StoredLogins } from './logins/store.ts';
import type { SavedLogin } from './logins/types.ts';
import { issuerAt } from './server-issuer.ts';

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
  openDataDirectory(dataDirectory({ DATA_DIR: environment['DATA_DIR'] }));

/**
 * Finds the server and the token. The server is `--url` or `WRIT_URL`, a URL or the alias of a login; else that of
 * operator.json in DATA_DIR, or of the only login. The token is the first of `--token`, a login at the server, `WRIT_TOKEN`,
 * and the key in operator.json, which is sent to its own server only.
 */
export async function locate(
  { url, token }: ConnectionOptions,
  environment: Environment,
): Promise<Whereabouts> {
  const operator = await readOperatorFile(environment);
  const logins = openLogins(environment);
  // Read once, and only if it is needed: a broken file does not stop a command with a token.
  let reading: Promise<StoredLogins> | undefined;
  const stored = () => {
    reading ??= logins.read();
    return reading;
  };
  const given = [
    { value: url, from: '--url' },
    { value: environment['WRIT_URL'], from: 'WRIT_URL' },
  ].find(({ value }) => value);
  const chosen = given?.value ? await loginCalled(given.value, stored) : undefined;
  const named = chosen
    ? { value: urlOf(chosen.issuer, ''), from: `the login ${chosen.alias}` }
    : given;
  const known = named ? undefined : operator && (await urlToUse(operator));
  const only = named || known ? undefined : usualLogin(await stored());
  const target =
    named ??
    (known && { value: known.url, from: 'operator.json' }) ??
    (only && { value: urlOf(only.issuer, ''), from: `the login ${only.alias}` });
  if (!target?.value) return {};
  const origin = withoutFinalSlash(target.value, target.from);
  const found = {
    url: { value: origin, from: target.from },
    ...(known?.trouble && { trouble: known.trouble }),
    ...(!named &&
      origin === operator?.local_url && {
        notice: `${operator.url} does not answer as this server yet; using ${origin}.`,
      }),
  };
  if (token)
    return {
      ...found,
      token: { token, tokenFrom: 'the token in --token', tokenRemedy: useAnother },
    };
  const login = chosen ?? only ?? loginFor(origin, await stored());
  if (login) return { ...found, token: await tokenOfLogin(login, logins) };
  const variable = environment['WRIT_TOKEN'];
  if (variable)
    return {
      ...found,
      token: { token: variable, tokenFrom: 'the token in WRIT_TOKEN', tokenRemedy: useAnother },
    };
  if (!operator || !(await isServerOf(operator, origin))) return found;
  const tokenFrom = 'the key in operator.json';
  return { ...found, token: { token: operator.api_key, tokenFrom, tokenRemedy: createAnother } };
}

/** The login that an option names by its alias; undefined for a URL. */
const loginCalled = async (
  name: string,
  stored: () => Promise<StoredLogins>,
): Promise<SavedLogin | undefined> =>
  URL.canParse(name) && /^https?:/.test(name)
    ? undefined
    : (await stored()).logins.find(({ alias }) => alias === name);

/** The login that is used without any other choice: the default one, or the only one for the API of a server. */
function usualLogin({ logins, default: chosen }: StoredLogins): SavedLogin | undefined {
  const all = logins.filter(isForOwnApi);
  const login = all.find(({ alias }) => alias === chosen) ?? all[0];
  if (login === undefined || all.length === 1 || login.alias === chosen) return login;
  throw new Failure(
    `There are logins for several servers: ${all.map(({ alias }) => alias).join(', ')}.`,
    {
      remedy: `Name one with --url ALIAS, or choose one for all commands: ${commandName} auth default ALIAS`,
    },
  );
}

/** The login for the API of the server at a URL: the default one, or the latest. */
function loginFor(url: string, { logins, default: chosen }: StoredLogins): SavedLogin | undefined {
  const all = logins.filter(
    (login) => isForOwnApi(login) && new URL(urlOf(login.issuer, '')).href === new URL(url).href,
  );
  return (
    all.find(({ alias }) => alias === chosen) ?? all.sort((a, b) => b.saved_at - a.saved_at)[0]
  );
}

async function tokenOfLogin(login: SavedLogin, logins: Logins): Promise<Omit<Target, 'url'>> {
  const source = sourceOf(await logins.opened(login), logins);
  const token = await source.token();
  return {
    token,
    tokenFrom: `the login ${login.alias}`,
    tokenRemedy: `Log in again: ${commandName} login ${login.alias}`,
    ...(login.kind !== 'token' && { renew: () => source.renew(token) }),
  };
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
    remedy: `Start one with "${commandName} serve" in this directory, set DATA_DIR to the data directory of a server, or log in to one: ${commandName} login URL`,
  });

export const noToken = (url: string) =>
  new Failure(`No token for ${url} is known.`, {
    remedy: `Log in ("${commandName} login ${url}"), pass one with --token or WRIT_TOKEN, or run the command on the machine of the server.`,
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
      `${from}: "${url}" is not the URL of a server, such as https://login.example.com, and no login has that name.`,
    );
  return url.replace(/\/+$/, '');
}
