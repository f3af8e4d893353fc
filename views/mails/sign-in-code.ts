import { deviceTitle } from '../components/device-name.ts';
import { inWords } from '../components/time.ts';
import type { MailProps } from './mail.ts';

export interface SignInCodeProps {
  to: string;
  /** Digits. */
  code: string;
  expiresAt: Date;
  ip: string | null;
  userAgent: string | null;
  /** Whom the person can ask for help: `contactOf`. */
  contact: string;
}

/** The code with which a sign-in from an unknown browser continues. */
export const signInCode = (props: SignInCodeProps): MailProps => {
  const { to, code, expiresAt, ip, userAgent, contact } = props;
  return {
    subject: 'Your sign-in code',
    to,
    opening:
      'Someone entered your password in a browser that was not used for your account before. To go on, enter this code there.',
    facts: [
      ['Code', code],
      ['Code expires', inWords(expiresAt)],
      ['Browser', deviceTitle(userAgent)],
      ...(ip ? [['IP address', ip] as [string, string]] : []),
    ],
    advice: [
      'Never give the code to anyone. Support does not need it.',
      `If this was not you, someone knows your password. Change it, and contact ${contact}.`,
    ],
    links: [{ label: 'Change your password', path: '/account/password' }],
  };
};
