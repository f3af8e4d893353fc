import { inWords } from '../components/time.ts';
import type { Messages } from '../messages/en.ts';
import type { MailProps } from './mail.ts';

export interface PasswordResetProps {
  to: string;
  /** The link; undefined if the account has no password to forget. */
  link: { value: string; expiresAt: Date } | undefined;
  /** The IP address of the request. */
  ip: string | null;
  /** Whom the person can ask for help: `contactOf`. */
  contact: string;
  /** Its language. */
  messages: Messages;
}

/** Someone asked for a link to set a new password. */
export function passwordReset({ to, link, ip, contact, messages }: PasswordResetProps): MailProps {
  const { facts, links, passwordReset: said } = messages.mails;
  const from: [string, string][] = ip ? [[facts.requestedFrom, ip]] : [];
  if (!link)
    return {
      subject: said.noneSubject,
      to,
      messages,
      opening: said.noneOpening,
      facts: from,
      advice: [said.noneAdvice(contact)],
      links: [{ label: links.signIn, path: '/sign-in' }],
    };
  return {
    subject: said.subject,
    to,
    messages,
    opening: said.opening,
    facts: [[facts.linkExpires, inWords(link.expiresAt, messages)], ...from],
    advice: [said.once, said.ifNotYou],
    links: [{ label: said.subject, path: `/sign-in/reset/${link.value}` }],
  };
}
