import { inWords } from '../components/time.ts';
import type { MailProps } from './mail.ts';

export interface PasswordResetProps {
  to: string;
  /** The link; undefined if the account has no password to forget. */
  link: { value: string; expiresAt: Date } | undefined;
  /** The IP address of the request. */
  ip: string | null;
  /** Whom the person can ask for help: `contactOf`. */
  contact: string;
}

/** Someone asked for a link to set a new password. */
export function passwordReset({ to, link, ip, contact }: PasswordResetProps): MailProps {
  const from: [string, string][] = ip ? [['Requested from', ip]] : [];
  if (!link)
    return {
      subject: 'Your account has no password',
      to,
      opening:
        'Someone asked for a link to set a new password for your account, which has none so far.',
      facts: from,
      advice: [
        `If this was you, sign in the way that you did before, or ask ${contact} for an invitation. Otherwise you can ignore this email.`,
      ],
      links: [{ label: 'Sign in', path: '/sign-in' }],
    };
  return {
    subject: 'Set a new password',
    to,
    opening: 'Someone asked for a link to set a new password for your account.',
    facts: [['Link expires', inWords(link.expiresAt)], ...from],
    advice: [
      'The link works once. If you asked more than once, only the newest link works.',
      'If this was not you, you can ignore this email: your password stays as it is.',
    ],
    links: [{ label: 'Set a new password', path: `/sign-in/reset/${link.value}` }],
  };
}
