import { inWords } from '../components/time.ts';
import type { MailProps } from './mail.ts';

export interface PasswordChangedProps {
  to: string;
  changedAt: Date;
  /** The address that it was changed from. */
  ip: string | null;
  /** By a link, as for a person who has forgotten theirs. */
  byLink: boolean;
  /** Devices, apps and tokens were disconnected with it. */
  endedAccess: boolean;
}

/** That somebody's password is another. */
export const passwordChanged = (props: PasswordChangedProps): MailProps => {
  const { to, changedAt, ip, byLink, endedAccess } = props;
  return {
    subject: 'Your password was changed',
    to,
    opening: byLink
      ? 'The password of your account was set by a link. Every browser that was signed in has been signed out.'
      : 'The password of your account was changed. Every other browser that was signed in has been signed out.',
    facts: [
      ['Changed', inWords(changedAt)],
      ...(ip ? [['From the address', ip] as [string, string]] : []),
    ],
    advice: [
      endedAccess
        ? 'Your devices, apps and personal access tokens were disconnected as well: connect again those that you still need.'
        : 'Your devices, apps and personal access tokens stay connected.',
      'If that was you, there is nothing to do.',
      'If it was not you, somebody else can get into your account: tell the people who run this service at once, and ask them for a new link.',
    ],
    links: [
      { label: 'Your password', path: '/account/password' },
      { label: 'Your devices and logins', path: '/account/devices' },
      { label: 'Your tokens', path: '/account/tokens' },
    ],
  };
};
