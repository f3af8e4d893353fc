/** What emails about registrations say when they are sent: only then is it decided whether an address has an account. */
import { sql } from 'kysely';
import type { Connection } from '../../../db/schema.ts';
import { contactOf, type MailProps, type Sender } from '../../../views/mails/mail.ts';
import {
  registrationApproved,
  registrationConfirm,
  registrationKnown,
  registrationRefused,
  registrationWaiting,
} from '../../../views/mails/registration.ts';
import type { Messages } from '../../../views/messages/index.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import { sealRegistrationLink } from '../../domain/accounts/registration/link.ts';
import type { MailDetails } from '../../domain/mail/outbox.ts';

export const registrationMails = ({
  kysely,
  keyring,
  sender,
}: {
  kysely: Connection;
  keyring: Keyring;
  sender: Sender;
}) => ({
  /** A link, or to an address that has an account what to do with it. */
  async registration_confirm(
    { registration_id: id }: MailDetails['registration_confirm'],
    _to: string,
    { messages }: { messages: Messages },
  ): Promise<MailProps | undefined> {
    const { brand } = sender;
    const registration = await kysely
      .selectFrom('registration as r')
      .leftJoin('account as a', (join) => join.on(sql<boolean>`lower(a.email) = lower(r.email)`))
      .select(['r.expires_at', 'a.id as account_id', 'a.disabled_at', 'a.approval_requested_at'])
      .where('r.id', '=', id)
      .where('r.expires_at', '>', sql<Date>`now()`)
      .executeTakeFirst();
    if (!registration) return undefined;
    if (registration.account_id === null)
      return registrationConfirm({
        brand,
        value: sealRegistrationLink(keyring, id),
        expiresAt: registration.expires_at,
        messages,
      });
    const state = registration.approval_requested_at
      ? 'waiting'
      : registration.disabled_at
        ? 'disabled'
        : 'active';
    return registrationKnown({ brand, state, contact: contactOf(sender) });
  },

  async registration_waiting(_details: unknown, to: string): Promise<MailProps | undefined> {
    const { number } = await kysely
      .selectFrom('account')
      .select(sql<number>`count(*)::integer`.as('number'))
      .where('approval_requested_at', 'is not', null)
      .executeTakeFirstOrThrow();
    if (number === 0) return undefined;
    return registrationWaiting({ to, brand: sender.brand, waiting: number });
  },

  registration_approved: async (_details: unknown, to: string): Promise<MailProps> =>
    registrationApproved({ to, brand: sender.brand }),

  registration_refused: async (): Promise<MailProps> =>
    registrationRefused({ brand: sender.brand, contact: contactOf(sender) }),
});
