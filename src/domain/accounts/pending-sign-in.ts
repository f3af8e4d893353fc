/**
 * SIGN-INS THAT ARE NOT COMPLETE: what a person has proven so far, in a cookie. It is sealed, bound to the browser and to
 * the password of that moment, and nothing of it is stored.
 */
import { lifetimes } from '../../../config/lifetimes.ts';
import { sha256 } from '../../crypto/digest.ts';
import { type Keyring, SealError } from '../../crypto/sealing.ts';
import type { Proven } from './sessions.ts';

/** What must follow before a session begins. */
export type NextStep = 'factor' | 'enrol' | 'email_code';

/** What a person has proven so far. */
export interface PendingSignIn extends Proven {
  accountId: string;
  passwordVersion: string | null;
  /** The account or the network had many wrong passwords. */
  isUnderAttack?: boolean | undefined;
  /** The steps that are done. */
  done: readonly NextStep[];
}

/** What the cookie holds. */
interface Sealed extends PendingSignIn {
  /** A digest of the secret of the browser. */
  browser: string;
  /** Seconds since the epoch. */
  expiresAt: number;
}

const place = { table: 'session', row: '', purpose: 'pending sign-in' };

const maxLength = 3_000;

const digestOf = (browser: string): string =>
  sha256(`pending sign-in ${browser}`).toString('base64url');

/** `browser` is a secret that only this browser has. */
export function createPendingSignIns(keyring: Keyring) {
  return {
    seal(pending: PendingSignIn, browser: string): string {
      const sealed: Sealed = {
        ...pending,
        browser: digestOf(browser),
        expiresAt: Math.floor(Date.now() / 1000) + lifetimes.pendingSignIn,
      };
      return keyring.seal(place, JSON.stringify(sealed)).toString('base64url');
    },

    /** Undefined if it has expired, is of another browser, or is none of ours. */
    open(value: string | undefined, browser: string | undefined): PendingSignIn | undefined {
      if (!value || !browser || value.length > maxLength) return undefined;
      try {
        const text = keyring.open(place, Buffer.from(value, 'base64url')).toString('utf8');
        const { browser: boundTo, expiresAt, ...pending } = JSON.parse(text) as Sealed;
        const isOurs = boundTo === digestOf(browser) && expiresAt > Date.now() / 1000;
        return isOurs ? pending : undefined;
      } catch (error) {
        if (error instanceof SealError) return undefined;
        throw error;
      }
    },
  };
}

export type PendingSignIns = ReturnType<typeof createPendingSignIns>;
