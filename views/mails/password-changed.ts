import type { Messages } from '../messages/en.ts';
import { doneAt, type MailProps } from './mail.ts';

export interface PasswordChangedProps {
  to: string;
  changedAt: Date;
  /** The IP address of the browser. */
  ip: string | null;
  /** The person used a link, as people do who forgot their password. */
  byLink: boolean;
  /** The account had no password before. */
  isFirst: boolean;
  /** Apps, devices and personal access tokens lost access with it. */
  endedAccess: boolean;
  /** Whom the person can ask for help: `contactOf`. */
  contact: string;
  /** Its language. */
  messages: Messages;
}

/** The password of the recipient was changed, or set for the first time. */
export const passwordChanged = (props: PasswordChangedProps): MailProps => {
  const { to, changedAt, ip, byLink, isFirst, endedAccess, contact, messages } = props;
  const { facts, ifYou, links, passwordChanged: said } = messages.mails;
  const ifNotYou = [ifYou, said.ifNotYou(contact)];
  if (isFirst)
    return {
      subject: said.setSubject,
      to,
      messages,
      opening: byLink ? said.setByLink : said.setOnPage,
      facts: doneAt(facts.set, changedAt, ip, messages),
      advice: ifNotYou,
      links: [{ label: links.account, path: '/account' }],
    };
  return {
    subject: said.subject,
    to,
    messages,
    opening: byLink ? said.byLink : said.onPage,
    facts: doneAt(facts.changed, changedAt, ip, messages),
    advice: [endedAccess ? said.ended : said.kept, ...ifNotYou],
    links: [
      { label: links.account, path: '/account' },
      { label: links.connected, path: '/account/connected' },
      { label: links.tokens, path: '/account/tokens' },
    ],
  };
};
