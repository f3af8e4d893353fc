import { doneAt, ignoreIfYou, type MailProps, quoted } from './mail.ts';

export interface AppLetInProps {
  to: string;
  /** The name of the app. */
  app: string;
  scope: string[];
  approvedAt: Date;
  /** The IP address of the program. */
  ip: string | null;
}

/** A program of the recipient connected an app to their account. */
export const appLetIn = ({ to, app, scope, approvedAt, ip }: AppLetInProps): MailProps => ({
  subject: `An app was connected to your account: ${quoted(app)}`,
  to,
  opening: 'A program that you are signed in to connected an app to your account.',
  facts: [
    ['App', app],
    ['Scopes', scope.join(', ') || 'none'],
    ...doneAt('Connected', approvedAt, ip),
  ],
  advice: [
    ignoreIfYou,
    'Otherwise revoke the app and the program, and change your password now: someone else has access to your account.',
  ],
  links: [
    { label: 'Review connected apps', path: '/account/connected' },
    { label: 'Change your password', path: '/account/password' },
  ],
});
