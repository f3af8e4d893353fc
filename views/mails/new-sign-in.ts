import { deviceTitle } from '../components/device-name.ts';
import { doneAt, type MailProps, wasItYou } from './mail.ts';

export interface NewSignInProps {
  to: string;
  signedInAt: Date;
  /** The IP address of the browser. */
  ip: string | null;
  userAgent: string | null;
  /** Whom the person can ask for help: `contactOf`. */
  contact: string;
}

/** Someone signed in with a browser that the account does not know. */
export const newSignIn = ({
  to,
  signedInAt,
  ip,
  userAgent,
  contact,
}: NewSignInProps): MailProps => ({
  subject: 'New sign-in to your account',
  to,
  opening: 'Your account was used to sign in with a browser that was not used for it before.',
  facts: [['Browser', deviceTitle(userAgent)], ...doneAt('Signed in', signedInAt, ip)],
  advice: wasItYou('Sign that browser out, change your password, and ', contact),
  links: [
    { label: 'Review your account', path: '/account' },
    { label: 'Change your password', path: '/account/password' },
  ],
});
