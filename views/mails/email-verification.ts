import { inWords } from '../components/time.ts';
import type { MailProps } from './mail.ts';

export interface EmailVerificationProps {
  to: string;
  /** The value of the link. */
  value: string;
  expiresAt: Date;
}

/** The recipient asked to verify their email address. */
export const emailVerification = ({ to, value, expiresAt }: EmailVerificationProps): MailProps => ({
  subject: 'Verify your email address',
  to,
  opening: 'Apps that you sign in to can see that this email address is yours, once you verify it.',
  facts: [['Link expires', inWords(expiresAt)]],
  advice: ['If you did not ask for this, you can ignore this email.'],
  links: [{ label: 'Verify email address', path: `/email/${value}` }],
});
