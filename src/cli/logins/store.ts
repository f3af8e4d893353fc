/**
 * THE LOGINS OF A PERSON on this machine: `logins.json` in the configuration directory (XDG Base Directory), readable by its
 * owner only.
 */
import { chmod, open, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import * as path from 'node:path';
import { createDirectoryDurably, syncPath } from '../../../db/durable.ts';
import type { TokenStore } from '../../sdk/client/index.ts';
import type { Environment } from '../environment.ts';
import { Failure } from '../failure.ts';
import { withFileLock } from './file-lock.ts';
import { isSameLogin, type Login } from './types.ts';
import { unwritable } from './unwritable.ts';

/** The content of the file. */
export interface StoredLogins {
  version: 1;
  /** The alias that is used if a command names none. */
  default?: string | undefined;
  logins: Login[];
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

  return {
    /** The logins, and the default one. Throws Failure if the file cannot be read. */
    read,

    /** Adds a login, or replaces the one with its alias, which is returned. */
    save: (login: Login): Promise<Login | undefined> =>
      change(async (content, save) => {
        await save({ ...content, logins: [...without(content, login.alias), login] });
        return content.logins.find(({ alias }) => alias === login.alias);
      }),

    /**
     * Removes a login, if it is there, after `end`, which can fail: then it stays. No other process renews it meanwhile.
     */
    remove: (alias: string, end: (login: Login) => Promise<void> = async () => {}): Promise<void> =>
      change(async (content, save) => {
        const found = content.logins.find((login) => login.alias === alias);
        if (!found) return;
        await end(found);
        const { default: chosen, ...rest } = content;
        await save({
          ...rest,
          ...(chosen !== undefined && chosen !== alias && { default: chosen }),
          logins: without(content, alias),
        });
      }),

    /** Chooses the login of commands that name none. */
    setDefault: (alias: string): Promise<void> =>
      change((content, save) => save({ ...content, default: alias })),

    /** The tokens of one login, for a token source: the processes that share the file renew them once. */
    tokensOf(wanted: Login): TokenStore {
      const isWanted = (login: Login): boolean =>
        login.alias === wanted.alias && isSameLogin(login, wanted);
      let within:
        | { content: StoredLogins; save: (content: StoredLogins) => Promise<void> }
        | undefined;
      return {
        async read() {
          const login = within
            ? within.content.logins.find(isWanted)
            : (await read()).logins.find(isWanted);
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
          const logins = content.logins.map((login) =>
            isWanted(login)
              ? {
                  ...login,
                  access_token: tokens.accessToken,
                  expires_at: tokens.expiresAt,
                  renew_at: tokens.renewAt,
                  refresh_token: tokens.refreshToken,
                  scope: tokens.scope ?? login.scope,
                }
              : login,
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

const without = ({ logins }: StoredLogins, alias: string): Login[] =>
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

const isLogin = (value: unknown): value is Login => {
  const { alias, issuer, access_token, kind, saved_at, resource, client_id } = Object(
    value,
  ) as Partial<Login>;
  return (
    typeof alias === 'string' &&
    typeof issuer === 'string' &&
    URL.canParse(issuer) &&
    typeof access_token === 'string' &&
    typeof saved_at === 'number' &&
    (resource === null || typeof resource === 'string') &&
    (client_id === null || typeof client_id === 'string') &&
    (kind === 'person' || kind === 'client' || kind === 'token')
  );
};
