import type { KeyObject } from 'node:crypto';
import { equal, keyedDigest } from '../../crypto/digest.ts';
import { randomAlphanumeric } from '../../crypto/random.ts';

/** The account that a browser is known to, and the moment of its password as the database writes it. */
export interface KnownTo {
  id: string;
  passwordVersion: string | null;
}

/** 22 of them hold 128 bits. */
const idLength = 22;

/**
 * Marks that a browser gets when its person signs in, and keeps when they sign out. With one, strangers
 * who try passwords hold nobody up. It opens nothing by itself, and is over when the password changes.
 * `keys`, newest first: the newest marks, all are believed.
 */
export function createKnownBrowsers(keys: readonly KeyObject[]) {
  const [newest] = keys;
  if (!newest) throw new Error('the installation has no key for cookies');

  const mark = (key: KeyObject, browser: string, { id, passwordVersion }: KnownTo): Buffer =>
    keyedDigest(key, JSON.stringify(['known browser', browser, id, passwordVersion]));

  return {
    /** The value of the cookie. */
    remember(account: KnownTo): string {
      const browser = randomAlphanumeric(idLength);
      return `${browser}.${mark(newest, browser, account).toString('base64url')}`;
    },

    /** Which browser it is, where the cookie is one of this account. */
    recognise(cookie: string | undefined, account: KnownTo): string | undefined {
      const [, browser, given] = /^([A-Za-z0-9]{22})\.([\w-]{43})$/.exec(cookie ?? '') ?? [];
      if (!browser || !given) return undefined;
      const presented = Buffer.from(given, 'base64url');
      return keys.some((key) => equal(mark(key, browser, account), presented))
        ? browser
        : undefined;
    },
  };
}

export type KnownBrowsers = ReturnType<typeof createKnownBrowsers>;
