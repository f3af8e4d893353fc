import { inWords } from '../components/time.ts';
import type { Messages } from '../messages/en.ts';
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
  /** Its language. */
  messages: Messages;
}

/** An administrator or a backend invited the recipient to set a password. */
export const invited = (props: InvitedProps): MailProps => {
  const { to, brand, value, expiresAt, hasPassword, contact, messages } = props;
  const { facts, ignore, invited: said } = messages.mails;
  return {
    subject: hasPassword ? said.newSubject : said.subject(brand),
    to,
    messages,
    opening: hasPassword ? said.newOpening(brand) : said.opening(brand),
    facts: [[facts.linkExpires, inWords(expiresAt, messages)]],
    advice: [said.secret, hasPassword ? said.newUnexpected(contact) : ignore],
    links: [
      {
        label: hasPassword ? said.newSubject : said.choose,
        path: `/invitation/${value}`,
      },
    ],
  };
};
