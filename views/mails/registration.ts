import { inWords } from '../components/time.ts';
import type { Messages } from '../messages/en.ts';
import type { MailProps } from './mail.ts';

/** What an email to an address says that has an account already. */
export type KnownAccount = 'active' | 'waiting' | 'disabled';

export interface RegistrationConfirmProps {
  /** The name of this server. */
  brand: string;
  /** The value of the link. */
  value: string;
  expiresAt: Date;
  /** Its language. */
  messages: Messages;
}

/**
 * Someone typed the address to register. A stranger can have done so: the email has no text of theirs, and no name.
 */
export function registrationConfirm(props: RegistrationConfirmProps): MailProps {
  const { brand, value, expiresAt, messages } = props;
  const { facts, registration: said } = messages.mails;
  return {
    subject: said.subject(brand),
    to: '',
    messages,
    opening: said.opening(brand),
    facts: [[facts.linkExpires, inWords(expiresAt, messages)]],
    advice: [said.once, said.ifNotYou],
    links: [{ label: said.create, path: `/registration/${value}` }],
  };
}

/** Someone typed the address to register, and it has an account. */
export function registrationKnown({
  brand,
  state,
  contact,
}: {
  brand: string;
  state: KnownAccount;
  /** Whom the person can ask for help: `contactOf`. */
  contact: string;
}): MailProps {
  const ignore = 'If you did not ask for this, ignore this email: nothing was changed.';
  const props = {
    subject: `You already have an account at ${brand}`,
    to: '',
    opening: `This email address was used to create an account at ${brand}, but it already has one.`,
    facts: [],
  };
  if (state === 'waiting')
    return {
      ...props,
      advice: [
        'An administrator has to approve the account before you can sign in. You get an email then.',
        ignore,
      ],
      links: [],
    };
  if (state === 'disabled')
    return {
      ...props,
      advice: [`The account is disabled. Contact ${contact}.`, ignore],
      links: [],
    };
  return {
    ...props,
    advice: ['Sign in with it, or set a new password if you forgot yours.', ignore],
    links: [
      { label: 'Sign in', path: '/sign-in' },
      { label: 'Set a new password', path: '/sign-in/forgot' },
    ],
  };
}

/** To an administrator: people wait for approval. */
export const registrationWaiting = ({
  to,
  brand,
  waiting,
}: {
  to: string;
  brand: string;
  /** How many people wait. */
  waiting: number;
}): MailProps => ({
  subject: waiting === 1 ? 'A person waits for approval' : `${waiting} people wait for approval`,
  to,
  opening: `${waiting === 1 ? 'A person has' : `${waiting} people have`} registered at ${brand} and cannot sign in before an administrator approves the account.`,
  facts: [
    ['List them', 'writ accounts list --waiting'],
    ['Approve one', 'writ accounts approve ACCOUNT'],
    ['Refuse one', 'writ accounts refuse ACCOUNT'],
  ],
  advice: ['Administrators get at most one such email an hour.'],
  links: [],
});

/** The account of the recipient was approved. */
export const registrationApproved = ({ to, brand }: { to: string; brand: string }): MailProps => ({
  subject: `Your ${brand} account is approved`,
  to,
  opening: `An administrator has approved your account at ${brand}. You can sign in now.`,
  facts: [],
  advice: [],
  links: [{ label: 'Sign in', path: '/sign-in' }],
});

/** The account of the recipient was refused and deleted. */
export const registrationRefused = ({
  brand,
  contact,
}: {
  brand: string;
  contact: string;
}): MailProps => ({
  subject: `Your ${brand} account was not approved`,
  to: '',
  opening: `An administrator has not approved the account that you registered at ${brand}. It is deleted, with your name and email address.`,
  facts: [],
  advice: [`If you think that this is a mistake, contact ${contact}.`],
  links: [],
});
