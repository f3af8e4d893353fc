/**
 * THE LOGINS OF A PERSON on this machine: `logins.json` in the configuration directory (XDG Base Directory), readable by its
 * owner only. The secrets of a login can be sealed by a key that the keyring of the operating system keeps.
 */
import { chmod, open, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import * as path from 'node:path';
import { createDirectoryDurably, syncPath } from '../../../db/durable.ts';
import type { TokenStore } from '../../sdk/client/index.ts';
import type { Environment } from '../environment.ts';
import { Failure } from '../failure.ts';
import { withFileLock } from './file-lock.ts';
import { type LoginSeal, openSystemKeyring } from './keyring.ts';
import {
  isSameLogin,
  isSealed,
  type Login,
  type LoginFacts,
  type LoginSecrets,
  type SavedLogin,
} from './types.ts';
import { unwritable } from './unwritable.ts';

/** The content of the file. */
export interface StoredLogins {
  version: 1;
  /** The alias that is used if a command names none. */
  default?: string | undefined;
  logins: SavedLogin[];
}

/** The directory of a person's configuration for `writ`. */
export const configDirectory = (environment: Environment): string =>
  path.join(
    environment['XDG_CONFIG_HOME'] || path.join(environment['HOME'] || homedir(), '.config'),
    'writ',
  );

/** Opens the store; nothing is created until something is written. */
export function openLogins(environment: Environment) {
  const directory = configDirectory(environment);
  const file = path.join(directory, 'logins.json');
  const next = `${file}.next`;
  const keyring = openSystemKeyring(directory);

  const read = async (): Promise<StoredLogins> => {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      if (code === 'ENOENT') return { version: 1, logins: [] };
      throw new Failure(
        `${file} cannot be read: ${code === 'EACCES' ? 'it belongs to another user' : message}.`,
        { remedy: 'Change its owner, or set XDG_CONFIG_HOME to a directory of your own.', cause },
      );
    }
    return parse(file, text);
  };

  /** Writes to the file beside it, and then takes its place: it is complete at every moment. */
  const write = async (content: StoredLogins): Promise<void> => {
    try {
      const handle = await open(next, 'r+', 0o600);
      try {
        const text = `${JSON.stringify(content, null, 2)}\n`;
        await handle.write(text, 0);
        await handle.truncate(Buffer.byteLength(text));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(next, file);
      await syncPath(directory);
    } catch (cause) {
      throw unwritable(file, cause);
    }
  };

  /** Space on the disk for the next content, taken before a server gives out something that must not be lost. */
  const reserve = async (content: StoredLogins): Promise<void> => {
    try {
      const handle = await open(next, 'w', 0o600);
      try {
        await handle.writeFile(' '.repeat(JSON.stringify(content, null, 2).length + 16_384));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await chmod(next, 0o600);
    } catch (cause) {
      await rm(next, { force: true }).catch(() => {});
      throw unwritable(file, cause);
    }
  };

  /**
   * Changes the file while no other process does. The space for the result is reserved before `work` runs, so that it
   * cannot lose tokens that it gets from a server to a full disk.
   */
  const change = async <T>(
    work: (content: StoredLogins, save: (content: StoredLogins) => Promise<void>) => Promise<T>,
  ): Promise<T> => {
    await createDirectoryDurably(directory).catch((cause) => {
      throw unwritable(file, cause);
    });
    return withFileLock(`${file}.lock`, async () => {
      const content = await read();
      await reserve(content);
      try {
        return await work(content, write);
      } finally {
        await rm(next, { force: true });
      }
    });
  };

  /** A login with its secrets. Throws Failure if they are in a keyring that cannot be used. */
  const opened = async (login: SavedLogin): Promise<Login> => {
    if (!isSealed(login)) return login;
    const { sealed, ...facts } = login;
    return { ...facts, ...(await keyring.seal()).open(facts, sealed) };
  };

  /** Removes the key once nothing is sealed under it. A key that stays is of no use to anyone. */
  const forgetUnusedKey = async (before: StoredLogins, after: StoredLogins): Promise<void> => {
    if (before.logins.some(isSealed) && !after.logins.some(isSealed))
      await keyring.forget().catch(() => {});
  };

  return {
    /** The logins, and the default one. Throws Failure if the file cannot be read. */
    read,

    opened,

    /** Makes sure that the keyring can be used, before a person approves a login for it. Throws Failure. */
    prepareKeyring: (): Promise<LoginSeal> => change(() => keyring.createSeal()),

    /**
     * Adds a login, or replaces the one with its alias, which is returned. Its secrets are sealed under a key in the
     * system's keyring if `sealed` says so, or says nothing and those of the replaced login were.
     */
    save: (
      login: Login,
      { sealed }: { sealed?: boolean | undefined } = {},
    ): Promise<SavedLogin | undefined> =>
      change(async (content, save) => {
        const replaced = content.logins.find(({ alias }) => alias === login.alias);
        const seals = sealed ?? (replaced !== undefined && isSealed(replaced));
        const saved = seals ? sealedUnder(await keyring.createSeal(), login) : login;
        const after = { ...content, logins: [...without(content, login.alias), saved] };
        // Its tokens are to be revoked, and after this the key may be gone.
        const former = replaced && (await opened(replaced).catch(() => replaced));
        await save(after);
        await forgetUnusedKey(content, after);
        return former;
      }),

    /**
     * Removes a login, if it is there, after `end`, which can fail: then it stays. No other process renews it meanwhile.
     */
    remove: (alias: string, end?: (login: Login) => Promise<void>): Promise<void> =>
      change(async (content, save) => {
        const found = content.logins.find((login) => login.alias === alias);
        if (!found) return;
        if (end) await end(await opened(found));
        const { default: chosen, ...rest } = content;
        const after = {
          ...rest,
          ...(chosen !== undefined && chosen !== alias && { default: chosen }),
          logins: without(content, alias),
        };
        await save(after);
        await forgetUnusedKey(content, after);
      }),

    /** Chooses the login of commands that name none. */
    setDefault: (alias: string): Promise<void> =>
      change((content, save) => save({ ...content, default: alias })),

    /** The tokens of one login, for a token source: the processes that share the file renew them once. */
    tokensOf(wanted: LoginFacts): TokenStore {
      const isWanted = (login: SavedLogin): boolean =>
        login.alias === wanted.alias && isSameLogin(login, wanted);
      let within:
        | { content: StoredLogins; save: (content: StoredLogins) => Promise<void> }
        | undefined;
      return {
        async read() {
          const found = (within?.content ?? (await read())).logins.find(isWanted);
          const login = found && (await opened(found));
          return (
            login && {
              accessToken: login.access_token,
              expiresAt: login.expires_at,
              renewAt: login.renew_at,
              refreshToken: login.refresh_token,
              scope: login.scope ?? undefined,
            }
          );
        },
        async write(tokens) {
          if (!within || !tokens) return;
          const { content, save } = within;
          const logins = await Promise.all(
            content.logins.map(async (login) => {
              if (!isWanted(login)) return login;
              const renewed = {
                ...(await opened(login)),
                access_token: tokens.accessToken,
                expires_at: tokens.expiresAt,
                renew_at: tokens.renewAt,
                refresh_token: tokens.refreshToken,
                scope: tokens.scope ?? login.scope,
              };
              return isSealed(login) ? sealedUnder(await keyring.seal(), renewed) : renewed;
            }),
          );
          await save({ ...content, logins });
        },
        exclusively: (work) =>
          change(async (content, save) => {
            within = { content, save };
            try {
              return await work();
            } finally {
              within = undefined;
            }
          }),
      };
    },
  };
}

export type Logins = ReturnType<typeof openLogins>;

/** A login whose secrets only the keyring opens. */
function sealedUnder(seal: LoginSeal, login: Login): SavedLogin {
  const { access_token, refresh_token, client_secret, ...facts } = login;
  const secrets: LoginSecrets = { access_token, refresh_token, client_secret };
  return { ...facts, sealed: seal.seal(facts, secrets) };
}

const without = ({ logins }: StoredLogins, alias: string): SavedLogin[] =>
  logins.filter((login) => login.alias !== alias);

function parse(file: string, text: string): StoredLogins {
  const remedy = 'Remove it, and log in again.';
  let content: Partial<StoredLogins> | null;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new Failure(`${file} is broken: it is not valid JSON.`, { remedy, cause });
  }
  if (content?.version !== 1 || !Array.isArray(content.logins) || !content.logins.every(isLogin))
    throw new Failure(`${file} is broken, or from a newer version of writ.`, { remedy });
  return content as StoredLogins;
}

const isLogin = (value: unknown): value is SavedLogin => {
  const { alias, issuer, access_token, sealed, kind, saved_at, resource, client_id } = Object(
    value,
  ) as Partial<Login & { sealed: string }>;
  return (
    typeof alias === 'string' &&
    typeof issuer === 'string' &&
    URL.canParse(issuer) &&
    typeof (sealed ?? access_token) === 'string' &&
    typeof saved_at === 'number' &&
    (resource === null || typeof resource === 'string') &&
    (client_id === null || typeof client_id === 'string') &&
    (kind === 'person' || kind === 'client' || kind === 'token')
  );
};
