import { isLeaked } from './leaked-passwords.ts';
import { isEasyToGuess } from './password-strength.ts';

/** A refused password. The message is for the person who chose it. */
export class PasswordRefused extends Error {
  readonly reason:
    | 'too_short'
    | 'too_long'
    | 'too_common'
    | 'too_personal'
    | 'unusable'
    | 'unchanged'
    | 'wrong_current'
    | 'not_recent';

  constructor(reason: PasswordRefused['reason']) {
    super(sentences[reason]);
    this.name = 'PasswordRefused';
    this.reason = reason;
  }
}

/** Length of a password in Unicode code points. */
export const passwordLength = { min: 10, max: 256 } as const;

const sentences: Record<PasswordRefused['reason'], string> = {
  too_short: `The password is too short. Use at least ${passwordLength.min} characters.`,
  too_long: `The password is too long. Use at most ${passwordLength.max} characters.`,
  too_common:
    'The password is too easy to guess: it is a common password or follows a pattern. Use several unrelated words.',
  too_personal:
    'The password is too easy to guess: it is mostly your name or address, or that of this service. Use several words that are unrelated to you.',
  unusable:
    'The password contains a character that cannot be typed. Use letters, digits and symbols.',
  unchanged: 'Choose a password that differs from the current one.',
  wrong_current: 'The current password is incorrect.',
  not_recent: 'Your sign-in is too long ago. Sign in again first.',
};

/** Normalizes a password (NFC), so that it can be typed on another keyboard. */
export const normalizePassword = (password: string): string => password.normalize('NFC');

/** Names and addresses that an attacker would try first: of the person and of the product. */
export interface PasswordContext {
  name: string;
  email: string | null;
  product: Product;
}

/** How people know this installation. */
export interface Product {
  /** The name that pages show. */
  brand: string;
  /** The origin. */
  issuer: string;
}

/**
 * Checks a new password. Throws PasswordRefused. There are no composition rules, which make passwords easier to
 * guess; passwords that are easy to guess, and the most used ones of a leak, are refused instead (NIST SP 800-63B §3.1.1.2).
 */
export async function requireGoodPassword(
  password: string,
  context: PasswordContext,
): Promise<void> {
  if (password.length > 2 * passwordLength.max) throw new PasswordRefused('too_long');
  const typed = normalizePassword(password);
  const length = [...typed].length;
  if (length < passwordLength.min) throw new PasswordRefused('too_short');
  if (length > passwordLength.max) throw new PasswordRefused('too_long');
  if (typed.includes('\0') || !typed.isWellFormed()) throw new PasswordRefused('unusable');
  const known = wordsOf(context);
  if ((await isLeaked(typed, passwordLength.min)) || (await isEasyToGuess(typed, [])))
    throw new PasswordRefused('too_common');
  if (await isEasyToGuess(typed, known)) throw new PasswordRefused('too_personal');
}

/** Names and addresses of the person and the product, whole and in parts. */
function wordsOf({ name, email, product }: PasswordContext): string[] {
  const host = new URL(product.issuer).hostname;
  const whole = [name, email ?? '', product.brand, host];
  return whole.flatMap((text) => [text, text.replaceAll(/[^\p{L}\p{N}]/gu, ''), ...partsOf(text)]);
}

const partsOf = (text: string): string[] => text.split(/[^\p{L}\p{N}]+/u);
