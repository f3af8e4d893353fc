import { doneAt, type MailProps, wasItYou } from './mail.ts';

interface About {
  to: string;
  at: Date;
  /** The IP address of the browser. */
  ip: string | null;
  /** Whom the person can ask for help: `contactOf`. */
  contact: string;
}

export interface FactorChangedProps extends About {
  factor: 'authenticator' | 'passkey';
  change: 'factor_added' | 'factor_removed';
}

const names = { authenticator: 'authenticator app', passkey: 'passkey' };

const links = [{ label: 'Review sign-in and security', path: '/account/security' }];

/** A second factor of the recipient was added or removed. */
export function factorChanged({
  to,
  at,
  ip,
  contact,
  factor,
  change,
}: FactorChangedProps): MailProps {
  const isAdded = change === 'factor_added';
  const name = names[factor];
  return {
    subject: isAdded ? `An ${name} was added to your account` : `Your ${name} was removed`,
    to,
    opening: isAdded
      ? `Your account now asks for a code of an ${name} when you sign in.`
      : `The ${name} of your account was removed.`,
    facts: doneAt(isAdded ? 'Added' : 'Removed', at, ip),
    advice: wasItYou('Change your password and ', contact),
    links,
  };
}

/** A recovery code of the recipient was used to sign in. */
export const recoveryCodeUsed = ({
  to,
  at,
  ip,
  contact,
  left,
}: About & { left: number }): MailProps => ({
  subject: 'A recovery code was used',
  to,
  opening: 'A recovery code was used to sign in to your account. It does not work again.',
  facts: [...doneAt('Used', at, ip), ['Codes left', String(left)]],
  advice: [
    ...(left < 3 ? ['You have few codes left. Create new ones.'] : []),
    ...wasItYou('Change your password and ', contact),
  ],
  links,
});

/** The recipient has new recovery codes. */
export const recoveryCodesReplaced = ({ to, at, ip, contact }: About): MailProps => ({
  subject: 'You have new recovery codes',
  to,
  opening: 'New recovery codes were created for your account. The old ones no longer work.',
  facts: doneAt('Created', at, ip),
  advice: wasItYou('Create new ones, change your password and ', contact),
  links,
});
