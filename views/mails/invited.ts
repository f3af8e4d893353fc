import { inWords } from '../components/time.ts';
import type { MailProps } from './mail.ts';

export interface InvitedProps {
  to: string;
  brand: string;
  /** The value of the link. */
  value: string;
  expiresAt: Date;
  /** The account has a password, which the link replaces. */
  hasPassword: boolean;
  /** Whom the person can ask for help: `contactOf`. */
  contact: string;
}

/** An administrator or a backend invited the recipient to set a password. */
export const invited = (props: InvitedProps): MailProps => {
  const { to, brand, value, expiresAt, hasPassword, contact } = props;
  return {
    subject: hasPassword ? 'Set a new password' : `You are invited to ${brand}`,
    to,
    opening: hasPassword
      ? `With this link you set a new password for your ${brand} account.`
      : `You have a new ${brand} account. Choose a password to sign in with.`,
    facts: [['Link expires', inWords(expiresAt)]],
    advice: [
      'The link works once. Do not pass it on: anyone who has it can sign in as you.',
      hasPassword
        ? `If you did not expect this, do not use the link, and contact ${contact}.`
        : 'If you did not expect this, you can ignore this email.',
    ],
    links: [
      {
        label: hasPassword ? 'Set a new password' : 'Choose a password',
        path: `/invitation/${value}`,
      },
    ],
  };
};
