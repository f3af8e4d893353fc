/** A password that cannot be taken. The message is for the person who chose it. */
export class PasswordRefused extends Error {
  readonly reason: 'too_short' | 'too_long' | 'too_common' | 'unusable' | 'wrong_current';

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
    'The password is too easy to guess; take several words that have nothing to do with you.',
  unusable: 'The password has a character that cannot be typed; take letters, digits and signs.',
  wrong_current: 'The current password is not right.',
};

/** What guesses begin with; digits and signs after them make no difference. */
const common = new Set(
  `123456789 1234567890 0123456789 987654321 9876543210 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc
  q1w2e3r4t5 qwertyuiop qwertzuiop azertyuiop qwerty qwertz azerty qwerty123 asdfghjkl zxcvbnm asdfghjklzxcvbnm
  abcdefghij abcdefghijk abcdefghijklmnopqrstuvwxyz abc abcd abcdef password passwort passw0rd p4ssw0rd
  motdepasse contraseña contrasena senha wachtwoord parola пароль password1password passwordpassword
  letmein letmeinplease iloveyou iloveyouforever loveyou welcome welcomehome willkommen bienvenue admin administrator
  administrador root toor master secret topsecret changeme changemenow changeit default guest user test testing
  tester demo sunshine princess superman batman spiderman pokemon starwars football baseball basketball
  liverpool chelsea arsenal barcelona manchester jennifer michelle charlie jordan michael dragon monkey
  shadow freedom whatever trustno computer internet samsung google facebook microsoft hallo hello helloworld
  geheim schatz summer winter spring autumn sommer januar january monday freitag correcthorsebatterystaple
  access login signin mypassword thepassword newpassword oldpassword yourpassword nopassword ilovemyself`.split(
    /\s+/,
  ),
);

/** One spelling for what looks the same, so that a password can be typed on another keyboard. */
export const asTyped = (password: string): string => password.normalize('NFC');

/** Throws PasswordRefused. There are no rules of composition: they make passwords easier to guess (NIST SP 800-63B). */
export function requireGoodPassword(
  password: string,
  person: { name: string; email: string | null },
): void {
  if (password.length > 2 * passwordLength.max) throw new PasswordRefused('too_long');
  const typed = asTyped(password);
  const length = [...typed].length;
  if (length < passwordLength.min) throw new PasswordRefused('too_short');
  if (length > passwordLength.max) throw new PasswordRefused('too_long');
  if (typed.includes('\0') || !typed.isWellFormed()) throw new PasswordRefused('unusable');
  if (isCommon(typed) || isOf(typed, person)) throw new PasswordRefused('too_common');
}

/** Letters and digits only, in lower case. */
const bare = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Without the digits that people put at an end when they are told to. */
const core = (text: string): string =>
  bare(text).replace(/^\p{N}+(?=\p{L})|(?<=\p{L})\p{N}+$/gu, '');

const isCommon = (password: string): boolean =>
  new Set(password).size < 4 || common.has(bare(password)) || common.has(core(password));

/** Whether it is a name or an address of the person, with whatever digits. */
function isOf(password: string, { name, email }: { name: string; email: string | null }): boolean {
  const guesses = [name, ...name.split(/\s+/), email ?? '', ...(email ?? '').split('@')].flatMap(
    (guess) => [bare(guess), core(guess)],
  );
  return guesses.some((guess) => guess && (guess === bare(password) || guess === core(password)));
}
