import { isEasyToGuess } from './password-strength.ts';

/** A password that cannot be taken. The message is for the person who chose it. */
export class PasswordRefused extends Error {
  readonly reason:
    | 'too_short'
    | 'too_long'
    | 'too_common'
    | 'too_personal'
    | 'unusable'
    | 'wrong_current';

  constructor(reason: PasswordRefused['reason']) {
    super(sentences[reason]);
    this.name = 'PasswordRefused';
    this.reason = reason;
  }
}

/** Characters that a password has at least, and at most. */
export const passwordLength = { min: 10, max: 256 } as const;

const sentences: Record<PasswordRefused['reason'], string> = {
  too_short: `The password is too short; take at least ${passwordLength.min} characters.`,
  too_long: `The password is too long; take at most ${passwordLength.max} characters.`,
  too_common:
    'The password is one of those that are guessed first: it is well known, or follows a pattern. Take several words that have nothing to do with one another.',
  too_personal:
    'The password is little more than a name or an address that others know, of yours or of this service. Take several words that have nothing to do with you.',
  unusable: 'The password has a character that cannot be typed; take letters, digits and signs.',
  wrong_current: 'The current password is not right.',
};

/** One spelling for what looks the same, so that a password can be typed on another keyboard. */
export const asTyped = (password: string): string => password.normalize('NFC');

/** Who chooses a password, and for what: anybody who knows the person or the product tries these first. */
export interface PasswordContext {
  name: string;
  email: string | null;
  product: Product;
}

/** What people know this installation by. */
export interface Product {
  /** The name that pages show. */
  brand: string;
  /** The origin. */
  issuer: string;
}

/**
 * Throws PasswordRefused. There are no rules of composition: they make passwords easier to guess. What is easy to
 * guess is refused instead (NIST SP 800-63B §3.1.1.2).
 */
export async function requireGoodPassword(
  password: string,
  context: PasswordContext,
): Promise<void> {
  if (password.length > 2 * passwordLength.max) throw new PasswordRefused('too_long');
  const typed = asTyped(password);
  const length = [...typed].length;
  if (length < passwordLength.min) throw new PasswordRefused('too_short');
  if (length > passwordLength.max) throw new PasswordRefused('too_long');
  if (typed.includes('\0') || !typed.isWellFormed()) throw new PasswordRefused('unusable');
  const known = wordsOf(context);
  if (await isEasyToGuess(typed, [])) throw new PasswordRefused('too_common');
  if (await isEasyToGuess(typed, known)) throw new PasswordRefused('too_personal');
}

/** The names and addresses of the person and of the product, whole and in parts. */
function wordsOf({ name, email, product }: PasswordContext): string[] {
  const host = new URL(product.issuer).hostname;
  const whole = [name, email ?? '', product.brand, host];
  return whole.flatMap((text) => [text, text.replaceAll(/[^\p{L}\p{N}]/gu, ''), ...partsOf(text)]);
}

const partsOf = (text: string): string[] => text.split(/[^\p{L}\p{N}]+/u);
