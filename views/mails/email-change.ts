import { inWords } from '../components/time.ts';
import { doneAt, type MailProps } from './mail.ts';

export interface EmailChangeProps {
  to: string;
  brand: string;
  /** The address that the account would get. */
  email: string;
  /** The value of the link. */
  value: string;
  expiresAt: Date;
  /** The IP address that it was requested from. */
  ip: string | null;
}

/** A person wants to have this address. */
export const emailChange = (props: EmailChangeProps): MailProps => {
  const { to, brand, email, value, expiresAt, ip } = props;
  return {
    subject: 'Confirm your new email address',
    to,
    opening: `Confirm that this is your address, and your ${brand} account uses it from then on.`,
    facts: [
      ['New address', email],
      ['Link expires', inWords(expiresAt)],
      ...(ip ? [['Requested from', ip] as [string, string]] : []),
    ],
    advice: ['If you did not ask for this, you can ignore this email: nothing changes.'],
    links: [{ label: 'Confirm the address', path: `/email/change/${value}` }],
  };
};

export interface EmailChangedProps {
  to: string;
  /** The address that the account has now. */
  email: string;
  changedAt: Date;
  ip: string | null;
  /** The value of the link that restores the address. */
  value: string;
  expiresAt: Date;
  /** Whom the person can ask for help: `contactOf`. */
  contact: string;
}

/** To the address that the account had before. */
export const emailChanged = (props: EmailChangedProps): MailProps => {
  const { to, email, changedAt, ip, value, expiresAt, contact } = props;
  return {
    subject: 'Your email address was changed',
    to,
    opening: 'Your account has another email address now. This is the last email to the old one.',
    facts: [
      ['New address', masked(email)],
      ...doneAt('Changed', changedAt, ip),
      ['Link expires', inWords(expiresAt)],
    ],
    advice: [
      'If this was you, you can ignore this email.',
      `If this was not you, someone else may have access to your account. The link restores this address and signs every browser out; then set a new password, and contact ${contact}.`,
    ],
    links: [{ label: 'This was not me', path: `/email/revert/${value}` }],
  };
};

/** To the address that the account had before an administrator changed or removed it. */
export const emailChangedByAdministrator = ({
  to,
  email,
  changedAt,
  contact,
}: Pick<EmailChangedProps, 'to' | 'changedAt' | 'contact'> & {
  /** The address that the account has now; null if it has none. */
  email: string | null;
}): MailProps => ({
  subject: 'Your email address was changed',
  to,
  opening: `An administrator has ${email === null ? 'removed the email address of your account' : 'given your account another email address'}. This is the last email to the old one.`,
  facts: [
    ...(email === null ? [] : [['New address', masked(email)] as [string, string]]),
    ...doneAt('Changed', changedAt, null),
  ],
  advice: [
    'If you asked for this, you can ignore this email.',
    `If you did not ask for this, tell ${contact}: links for a new password no longer go to you.`,
  ],
  links: [],
});

/** An address of which a reader only recognizes what they know: the old mailbox may no longer be theirs. */
const masked = (email: string): string => {
  const at = email.lastIndexOf('@');
  return `${[...email][0] ?? ''}…${email.slice(at)}`;
};
