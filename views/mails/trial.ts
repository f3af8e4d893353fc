import type { MailProps } from './mail.ts';

/** An administrator has asked for it, to see whether emails arrive. */
export const trialMail = ({ to }: { to: string }): MailProps => ({
  subject: 'A trial email',
  to,
  opening: 'You asked for this email in the console or with writ: emails of this server arrive.',
  facts: [],
  advice: [
    'If it was among spam, let your domain vouch for the sender (SPF, DKIM and DMARC); the page about mail in the documentation says how.',
  ],
  links: [{ label: 'The emails of this server', path: '/admin/mail' }],
});
