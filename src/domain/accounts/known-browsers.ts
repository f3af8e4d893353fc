import type { KeyObject } from 'node:crypto';
import { equal, keyedDigest, sha256 } from '../../crypto/digest.ts';
import { randomAlphanumeric } from '../../crypto/random.ts';

/** An account, and the time of its last password change as the database formats it. */
export interface MarkedAccount {
  id: string;
  passwordVersion: string | null;
}

/** Alphanumeric characters for 128 bits of entropy. */
const idLength = 22;

/**
 * Cookies that mark a browser in which the person has signed in; they survive signing out. From a marked browser,
 * sign-in is not slowed down by strangers who try passwords. The mark grants no access, and becomes invalid when
 * the password changes. `keys` are newest first: the first one signs, all of them verify.
 */
export function createKnownBrowsers(keys: readonly KeyObject[]) {
  const [newest] = keys;
  if (!newest) throw new Error('the installation has no key for cookies');

  const mark = (key: KeyObject, browser: string, { id, passwordVersion }: MarkedAccount): Buffer =>
    keyedDigest(key, JSON.stringify(['known browser', browser, id, passwordVersion]));

  return {
    /**
     * Creates the cookie value for a browser in which the account just signed in. The browser keeps the id of its
     * previous cookie, no matter who signed in there.
     */
    remember(account: MarkedAccount, previous?: string | undefined): string {
      const browser = browserIdOf(previous) ?? randomAlphanumeric(idLength);
      return `${browser}.${mark(newest, browser, account).toString('base64url')}`;
    },

    /** The browser's id if the cookie was issued for this account, otherwise undefined. */
    recognize(cookie: string | undefined, account: MarkedAccount): string | undefined {
      const [, browser, given] = /^([A-Za-z0-9]{22})\.([\w-]{43})$/.exec(cookie ?? '') ?? [];
      if (!browser || !given) return undefined;
      const presented = Buffer.from(given, 'base64url');
      return keys.some((key) => equal(mark(key, browser, account), presented))
        ? browser
        : undefined;
    },
  };
}

/**
 * A digest of the id of a browser, from its cookie: the same for everybody who signs in there, also after a change of
 * the password. It is not verified, so it proves nothing; it only tells the logins of one account apart.
 */
export function browserDigest(cookie: string | undefined): Buffer | undefined {
  const browser = browserIdOf(cookie);
  return browser === undefined ? undefined : sha256(`browser ${browser}`);
}

const browserIdOf = (cookie: string | undefined): string | undefined =>
  /^([A-Za-z0-9]{22})\.[\w-]{43}$/.exec(cookie ?? '')?.[1];

export type KnownBrowsers = ReturnType<typeof createKnownBrowsers>;
