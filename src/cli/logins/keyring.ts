/**
 * THE KEYRING OF THE OPERATING SYSTEM keeps one key, and the file of logins has what that key sealed: Keychain on macOS, the
 * Credential Manager on Windows, the Secret Service of the desktop (GNOME Keyring, KWallet, KeePassXC) on Linux.
 */
import { randomBytes } from 'node:crypto';
import { createKeyring, SealError } from '../../crypto/sealing.ts';
import { commandName } from '../command-name.ts';
import { Failure } from '../failure.ts';
import type { LoginFacts, LoginSecrets } from './types.ts';

/** Seals and opens the secrets of logins. */
export interface LoginSeal {
  seal(login: LoginFacts, secrets: LoginSecrets): string;
  /** Throws Failure if the key in the keyring is another one, or the file was changed. */
  open(login: LoginFacts, sealed: string): LoginSecrets;
}

const service = 'writ';

/** Reads the keyring once for a process. `account` tells the keys of several files of logins apart. */
export function openSystemKeyring(account: string) {
  let reading: Promise<LoginSeal | undefined> | undefined;

  const readSeal = async (create: boolean): Promise<LoginSeal | undefined> => {
    const entry = await entryOf(account);
    const found = await inKeyring(() => entry.getPassword());
    if (found || !create) return found ? sealUnder(found) : undefined;
    const key = randomBytes(32).toString('base64url');
    await inKeyring(() => entry.setPassword(key));
    return sealUnder(key);
  };

  return {
    /** The seal of logins, with a new key if there is none. Call it while no other process does. Throws Failure. */
    async createSeal(): Promise<LoginSeal> {
      reading = readSeal(true);
      return (await reading) as LoginSeal;
    },

    /** The seal that logins were saved under. Throws Failure if the keyring is locked, or has no key. */
    async seal(): Promise<LoginSeal> {
      reading ??= readSeal(false);
      const seal = await reading;
      if (seal) return seal;
      throw new Failure('The keyring of this system has no key for the logins of writ.', {
        remedy,
      });
    },

    /** Removes the key, once no login is sealed under it. */
    async forget(): Promise<void> {
      reading = undefined;
      const entry = await entryOf(account);
      await inKeyring(() => entry.deletePassword());
    },
  };
}

export type SystemKeyring = ReturnType<typeof openSystemKeyring>;

const remedy = `Unlock the keyring, or log in again and keep the login in a file: ${commandName} login ALIAS --no-keyring`;

async function entryOf(account: string) {
  // An optional dependency: there are systems that it was not built for.
  const { AsyncEntry } = await import('@napi-rs/keyring').catch((cause) => {
    throw new Failure(
      `This installation of writ cannot use keyrings on ${process.platform}-${process.arch}.`,
      { remedy: 'Log in without --keyring.', cause },
    );
  });
  // Without it, Linux falls back to the keyring of the kernel, which forgets at a restart.
  return inKeyring(() => new AsyncEntry(service, account, { linux: { store: 'secret-service' } }));
}

async function inKeyring<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = (cause as Error).message.replace(/^Couldn't access platform storage: /, '');
    throw new Failure(`The keyring of this system cannot be used: ${reason}.`, { remedy, cause });
  }
}

function sealUnder(key: string): LoginSeal {
  const keyring = createKeyring([key]);
  return {
    seal: (login, secrets) =>
      keyring.seal(placeOf(login), JSON.stringify(secrets)).toString('base64url'),
    open(login, sealed) {
      try {
        return JSON.parse(
          keyring.open(placeOf(login), Buffer.from(sealed, 'base64url')).toString(),
        );
      } catch (cause) {
        if (!(cause instanceof SealError)) throw cause;
        throw new Failure(
          `The login ${login.alias} cannot be opened: the keyring has another key, or its file was changed.`,
          { remedy: `Log in again: ${commandName} login ${login.alias}`, cause },
        );
      }
    },
  };
}

/** Sealed tokens cannot be moved to a login at another server. */
const placeOf = ({ alias, issuer, resource, client_id }: LoginFacts) => ({
  table: 'logins',
  row: alias,
  purpose: JSON.stringify([issuer, resource, client_id]),
});
