import type { Invitations } from './invitations.ts';
import type { KnownBrowsers } from './known-browsers.ts';
import type { Sessions, SignInOrigin } from './sessions.ts';
import type { SignedIn } from './sign-in.ts';

export interface InvitationSignIn extends SignInOrigin {
  /** The value in the link. */
  value: string;
  /** The password that the person chose. */
  password: string;
  /** Whether grants and personal access tokens stay valid. */
  keepAccess: boolean;
  /** The browser's mark from an earlier sign-in, of any account. */
  knownBrowser?: string | undefined;
}

/**
 * Signs a person in with an invitation link: the link proves as much as the password that it sets. Throws
 * PasswordRefused; undefined if the link does not work. `revokedAccess`: all tokens of the account were revoked.
 */
export const createInvitationSignIn =
  ({
    invitations,
    sessions,
    knownBrowsers,
  }: {
    invitations: Pick<Invitations, 'accept'>;
    sessions: Pick<Sessions, 'begin'>;
    knownBrowsers: KnownBrowsers;
  }) =>
  async ({
    value,
    password,
    keepAccess,
    knownBrowser,
    ...origin
  }: InvitationSignIn): Promise<(SignedIn & { revokedAccess: boolean }) | undefined> => {
    const accepted = await invitations.accept(value, password, { keepAccess });
    if (!accepted) return undefined;
    const { accountId, passwordVersion, revokedAccess } = accepted;
    const session = await sessions.begin(accountId, origin);
    return {
      accountId,
      value: session.value,
      knownBrowser: knownBrowsers.remember({ id: accountId, passwordVersion }, knownBrowser),
      revokedAccess,
    };
  };
