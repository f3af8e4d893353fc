import { deviceTitle } from '../components/device-name.ts';
import type { Messages } from '../messages/en.ts';
import { doneAt, type MailProps } from './mail.ts';

export interface NewSignInProps {
  to: string;
  signedInAt: Date;
  /** The IP address of the browser. */
  ip: string | null;
  userAgent: string | null;
  /** Whom the person can ask for help: `contactOf`. */
  contact: string;
  /** Its language. */
  messages: Messages;
}

/** Someone signed in with a browser that the account does not know. */
export function newSignIn(props: NewSignInProps): MailProps {
  const { to, signedInAt, ip, userAgent, contact, messages } = props;
  const { facts, ifYou, links, newSignIn: said } = messages.mails;
  return {
    subject: said.subject,
    to,
    messages,
    opening: said.opening,
    facts: [
      [facts.browser, deviceTitle(userAgent, messages)],
      ...doneAt(facts.signedIn, signedInAt, ip, messages),
    ],
    advice: [ifYou, said.ifNotYou(contact)],
    links: [
      { label: links.account, path: '/account' },
      { label: links.changePassword, path: '/account/password' },
    ],
  };
}
