import { doneAt, type MailProps, quoted, wasItYou } from './mail.ts';

export interface PasskeyMailProps {
  to: string;
  /** The name of the passkey. */
  name: string;
  at: Date;
  /** The IP address of the browser. */
  ip: string | null;
  /** Whom the person can ask for help: `contactOf`. */
  contact: string;
}

const links = [{ label: 'Review your passkeys', path: '/account/security/passkeys' }];

/** A passkey was added to the account of the recipient. */
export const passkeyAdded = ({ to, name, at, ip, contact }: PasskeyMailProps): MailProps => ({
  subject: 'A passkey was added',
  to,
  opening: `The passkey ${quoted(name)} was added to your account. It can be used to sign in.`,
  facts: doneAt('Added', at, ip),
  advice: wasItYou('Remove the passkey, change your password, and ', contact),
  links,
});

/** A passkey was removed from the account of the recipient. */
export const passkeyRemoved = ({ to, name, at, ip, contact }: PasskeyMailProps): MailProps => ({
  subject: 'A passkey was removed',
  to,
  opening: `The passkey ${quoted(name)} was removed from your account. It can no longer be used to sign in.`,
  facts: doneAt('Removed', at, ip),
  advice: wasItYou('Change your password, and ', contact),
  links,
});

/** A passkey of the recipient was refused, because there is a copy of it. */
export const passkeyCloned = ({ to, name, at, ip, contact }: PasskeyMailProps): MailProps => ({
  subject: 'A passkey was refused',
  to,
  opening: `The passkey ${quoted(name)} was refused, because its counter went back. That happens if someone has copied the device or security key.`,
  facts: doneAt('Refused', at, ip),
  advice: [
    'Remove the passkey from your account, and add a new one.',
    `If you do not know how a copy can exist, contact ${contact}.`,
  ],
  links,
});
