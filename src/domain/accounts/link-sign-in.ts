import type { PasswordSet } from './set-password.ts';
import type { CompletionOrigin, SignInCompletion, SignInOutcome } from './sign-in-completion.ts';

export interface LinkSignIn {
  /** The value in the link. */
  value: string;
  /** The password that the person chose. */
  password: string;
  /** Whether grants and personal access tokens stay valid. */
  keepAccess: boolean;
  origin: CompletionOrigin;
}

/** Sets a password with a link; undefined if the link does not work. */
type Accept = (
  value: string,
  password: string,
  options: { keepAccess: boolean },
) => Promise<PasswordSet | undefined>;

/**
 * Signs a person in with a link that sets a password: the link proves as much as the password. Throws PasswordRefused;
 * undefined if the link does not work. `revokedAccess`: all tokens of the account were revoked.
 */
export const createLinkSignIn =
  ({
    accept,
    completeSignIn,
  }: {
    accept: Accept;
    completeSignIn: SignInCompletion['completeSignIn'];
  }) =>
  async ({
    value,
    password,
    keepAccess,
    origin,
  }: LinkSignIn): Promise<{ signIn: SignInOutcome; revokedAccess: boolean } | undefined> => {
    const accepted = await accept(value, password, { keepAccess });
    if (!accepted) return undefined;
    const { accountId, passwordVersion, revokedAccess } = accepted;
    const signIn = await completeSignIn({
      accountId,
      amr: ['pwd'],
      passwordVersion,
      isStrong: false,
      // The link came to the person alone, as a code would.
      done: ['email_code'],
      origin,
    });
    return { signIn, revokedAccess };
  };

export type SignInByLink = ReturnType<typeof createLinkSignIn>;
