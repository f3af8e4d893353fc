import { doneAt, type MailProps, wasItYou } from './mail.ts';

export interface SessionsEndedProps {
  to: string;
  endedAt: Date;
  /** The IP address that it was done from. */
  ip: string | null;
  by: 'person' | 'administrator';
  /** The number of browsers. */
  ended: number;
  /** Whom the person can ask for help: `contactOf`. */
  contact: string;
}

/** The person was signed out of several browsers. */
export const sessionsEnded = (props: SessionsEndedProps): MailProps => {
  const { to, endedAt, ip, by, ended, contact } = props;
  const browsers = `${ended} ${ended === 1 ? 'browser' : 'browsers'}`;
  if (by === 'administrator')
    return {
      subject: 'You were signed out everywhere',
      to,
      opening: `An administrator signed you out of ${browsers}. Your password still works.`,
      facts: doneAt('Signed out', endedAt, null),
      advice: [`If you do not know why, ask ${contact}.`],
      links: [{ label: 'Sign in', path: '/sign-in' }],
    };
  return {
    subject: 'You were signed out everywhere else',
    to,
    opening: `Your account was signed out of ${browsers}, from another browser.`,
    facts: doneAt('Signed out', endedAt, ip),
    advice: wasItYou('Change your password, and ', contact),
    links: [{ label: 'Review your account', path: '/account' }],
  };
};
