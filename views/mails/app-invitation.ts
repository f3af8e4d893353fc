import { inWords } from '../components/time.ts';
import { type MailProps, quoted } from './mail.ts';

export interface AppInvitationMailProps {
  brand: string;
  /** The name of the app. */
  app: string;
  role: string;
  /** The name of the person who invited the recipient; null if an operator did. */
  invitedBy: string | null;
  /** The address that was invited. */
  email: string;
  /** The value of the link. */
  value: string;
  expiresAt: Date;
  /** Whom the person can ask for help: `contactOf`. */
  contact: string;
}

/** An Owner of an app invited the recipient, who need not have an account. */
export const appInvitationMail = (props: AppInvitationMailProps): MailProps => {
  const { brand, app, role, invitedBy, email, value, expiresAt, contact } = props;
  return {
    // Names that people chose stay out of the subject of an email to others.
    subject: `You are invited to an app on ${brand}`,
    to: '',
    opening: invitedBy
      ? `${quoted(invitedBy)} invited you to become a member of an app.`
      : 'You are invited to become a member of an app.',
    facts: [
      ['App', app],
      ['Role', role],
      ['For', email],
      ['Expires', inWords(expiresAt)],
    ],
    advice: [
      `Sign in with the ${brand} account of this address, and join or decline. If you have no account yet, ask ${contact}.`,
      'If you do not know who invited you, you can ignore this email.',
    ],
    links: [{ label: 'Open the invitation', path: `/apps/invitations/${value}` }],
  };
};
