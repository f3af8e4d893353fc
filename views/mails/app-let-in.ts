import { doneAt, type MailProps, wasItYou } from './mail.ts';

export interface AppLetInProps {
  to: string;
  /** The name of the app. */
  app: string;
  scope: string[];
  approvedAt: Date;
  /** The IP address of the program. */
  ip: string | null;
  /** Whom the person can ask for help: `contactOf`. */
  contact: string;
}

/** A program of the recipient connected an app to their account. */
export const appLetIn = ({
  to,
  app,
  scope,
  approvedAt,
  ip,
  contact,
}: AppLetInProps): MailProps => ({
  subject: `An app was connected to your account: ${app}`,
  to,
  opening: 'A program that you are signed in to connected an app to your account.',
  facts: [
    ['App', app],
    ['Scopes', scope.join(', ') || 'none'],
    ...doneAt('Connected', approvedAt, ip),
  ],
  advice: wasItYou('Revoke the app and the program, change your password, and ', contact),
  links: [
    { label: 'Review connected apps', path: '/account/connected' },
    { label: 'Change your password', path: '/account/password' },
  ],
});
