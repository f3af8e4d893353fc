import { doneAt, type MailProps, wasItYou } from './mail.ts';

export interface ProviderLinkedProps {
  to: string;
  /** The name of the identity provider: Google. */
  provider: string;
  /** The email address or the name there; null if the provider gave none. */
  shown: string | null;
  /** Whether it was connected, or removed. */
  isLinked: boolean;
  at: Date;
  /** The IP address of the browser. */
  ip: string | null;
  /** Whom the person can ask for help: `contactOf`. */
  contact: string;
}

/** A sign-in at another identity provider was connected to the account of the recipient, or removed from it. */
export const providerLinked = (props: ProviderLinkedProps): MailProps => {
  const { to, provider, shown, isLinked, at, ip, contact } = props;
  return {
    subject: isLinked
      ? `You can now sign in with ${provider}`
      : `You can no longer sign in with ${provider}`,
    to,
    opening: isLinked
      ? `A sign-in with ${provider} was connected to your account.`
      : `A sign-in with ${provider} was disconnected from your account.`,
    facts: [
      ['Provider', provider],
      ...(shown === null ? [] : [['Signed in there as', shown] as [string, string]]),
      ...doneAt(isLinked ? 'Connected' : 'Disconnected', at, ip),
    ],
    advice: wasItYou(
      isLinked ? 'Disconnect it, change your password, and ' : 'Change your password, and ',
      contact,
    ),
    links: [
      { label: 'Review how you sign in', path: '/account/security' },
      { label: 'Change your password', path: '/account/password' },
    ],
  };
};
