import type { Invitations } from './invitations.ts';
import type { CompletionOrigin, SignInCompletion, SignInOutcome } from './sign-in-completion.ts';

export interface InvitationSignIn {
  /** The value in the link. */
  value: string;
  /** The password that the person chose. */
  password: string;
  /** Whether grants and personal access tokens stay valid. */
  keepAccess: boolean;
  origin: CompletionOrigin;
}

/**
 * Signs a person in with an invitation link: the link proves as much as the password that it sets. Throws
 * PasswordRefused; undefined if the link does not work. `revokedAccess`: all tokens of the account were revoked.
 */
export const createInvitationSignIn =
  ({
    invitations,
    completeSignIn,
  }: {
    invitations: Pick<Invitations, 'accept'>;
    completeSignIn: SignInCompletion['completeSignIn'];
  }) =>
  async ({
    value,
    password,
    keepAccess,
    origin,
  }: InvitationSignIn): Promise<{ signIn: SignInOutcome; revokedAccess: boolean } | undefined> => {
    const accepted = await invitations.accept(value, password, { keepAccess });
    if (!accepted) return undefined;
    const { accountId, passwordVersion, revokedAccess } = accepted;
    const signIn = await completeSignIn({
      accountId,
      amr: ['pwd'],
      passwordVersion,
      isStrong: false,
      origin,
    });
    return { signIn, revokedAccess };
  };
