import { doneAt, type MailProps, wasItYou } from './mail.ts';

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
}

/** The password of the recipient was changed, or set for the first time. */
export const passwordChanged = (props: PasswordChangedProps): MailProps => {
  const { to, changedAt, ip, byLink, isFirst, endedAccess, contact } = props;
  const ifNotYou = wasItYou('', contact, ', and ask for a new link');
  if (isFirst)
    return {
      subject: 'Your password was set',
      to,
      opening: byLink
        ? 'A password was set for your account with an invitation link.'
        : 'A password was set for your account on its account page. You can sign in with it from now on.',
      facts: doneAt('Set', changedAt, ip),
      advice: ifNotYou,
      links: [{ label: 'Review your account', path: '/account' }],
    };
  return {
    subject: 'Your password was changed',
    to,
    opening: byLink
      ? 'The password of your account was set with a link. Every other browser was signed out.'
      : 'The password of your account was changed. Every other browser was signed out.',
    facts: doneAt('Changed', changedAt, ip),
    advice: [
      endedAccess
        ? 'The access of your apps, devices and personal access tokens was revoked as well. Connect what you still need again.'
        : 'Your apps, devices and personal access tokens still have access.',
      ...ifNotYou,
    ],
    links: [
      { label: 'Review your account', path: '/account' },
      { label: 'Review connected apps and devices', path: '/account/connected' },
      { label: 'Review your tokens', path: '/account/tokens' },
    ],
  };
};
