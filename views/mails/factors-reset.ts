import { inWords } from '../components/time.ts';
import { doneAt, type MailProps } from './mail.ts';

export interface FactorsResetPlannedProps {
  to: string;
  /** When the factors are removed. */
  dueAt: Date;
  /** The value of the link that stops it. */
  value: string;
  /** Whom the person can ask for help: `contactOf`. */
  contact: string;
}

/** An administrator has planned to remove the second factors of the recipient. */
export const factorsResetPlanned = ({
  to,
  dueAt,
  value,
  contact,
}: FactorsResetPlannedProps): MailProps => ({
  subject: 'Your second factors will be removed',
  to,
  opening:
    'An administrator has planned to remove your passkeys, authenticator app and recovery codes, so that you can sign in with only your password and set up new ones.',
  facts: [['They are removed', inWords(dueAt)]],
  advice: [
    'If you have lost your second factor and asked for this, you need to do nothing: sign in after that time.',
    `If you did not ask for this, stop it now, change your password, and tell ${contact}.`,
  ],
  links: [{ label: 'Keep my second factors', path: `/factors-reset/${value}` }],
});

/** The second factors of the recipient were removed by such a reset. */
export const factorsReset = ({
  to,
  at,
  contact,
}: Pick<FactorsResetPlannedProps, 'to' | 'contact'> & { at: Date }): MailProps => ({
  subject: 'Your second factors were removed',
  to,
  opening:
    'Your passkeys, authenticator app and recovery codes were removed, as an administrator had planned, and you were signed out everywhere.',
  facts: doneAt('Removed', at, null),
  advice: [
    'Sign in with your password, and set up a new second factor.',
    `If you did not ask for this, change your password, and tell ${contact}.`,
  ],
  links: [{ label: 'Review sign-in and security', path: '/account/security' }],
});
