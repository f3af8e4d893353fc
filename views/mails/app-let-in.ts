import { inWords } from '../components/time.ts';
import { type MailProps, quoted } from './mail.ts';

export interface AppLetInProps {
  to: string;
  /** What the app is called. */
  app: string;
  scope: string[];
  approvedAt: Date;
  /** The address that it was let in from. */
  ip: string | null;
}

/** That a program of somebody's let an app into their account. */
export const appLetIn = ({ to, app, scope, approvedAt, ip }: AppLetInProps): MailProps => ({
  subject: `An app was connected to your account: ${quoted(app)}`,
  to,
  opening: 'A program that you are logged in with connected an app to your account.',
  facts: [
    ['App', app],
    ['Scopes', scope.join(', ') || 'none'],
    ['Connected', inWords(approvedAt)],
    ...(ip ? [['From the address', ip] as [string, string]] : []),
  ],
  advice: [
    'If that was you, there is nothing to do.',
    'If it was not you, disconnect the app and the program, and change your password now: somebody else is in your account.',
  ],
  links: [
    { label: 'Your devices and logins', path: '/account/devices' },
    { label: 'Your password', path: '/account/password' },
  ],
});
