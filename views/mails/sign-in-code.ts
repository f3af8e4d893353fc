import { deviceTitle } from '../components/device-name.ts';
import { inWords } from '../components/time.ts';
import type { Messages } from '../messages/en.ts';
import type { MailProps } from './mail.ts';

export interface SignInCodeProps {
  to: string;
  /** Digits. */
  code: string;
  expiresAt: Date;
  ip: string | null;
  userAgent: string | null;
  /** Whom the person can ask for help: `contactOf`. */
  contact: string;
  /** Its language. */
  messages: Messages;
}

/** The code with which a sign-in from an unknown browser continues. */
export const signInCode = (props: SignInCodeProps): MailProps => {
  const { to, code, expiresAt, ip, userAgent, contact, messages } = props;
  const { facts, links, signInCode: said } = messages.mails;
  return {
    subject: said.subject,
    to,
    messages,
    opening: said.opening,
    facts: [
      [facts.code, code],
      [facts.codeExpires, inWords(expiresAt, messages)],
      [facts.browser, deviceTitle(userAgent, messages)],
      ...(ip ? [[facts.ip, ip] as [string, string]] : []),
    ],
    advice: [said.secret, said.ifNotYou(contact)],
    links: [{ label: links.changePassword, path: '/account/password' }],
  };
};
