// The pages of people who forgot their password or change their address, and the outbox of administrators.
import {
  accountEmail,
  addressChanged,
  addressLinkGone,
  addressRestored,
  confirmAddress,
  restoreAddress,
} from '../../views/account/email-change.ts';
import { accountOutbox } from '../../views/account/outbox.ts';
import { emailCode } from '../../views/sign-in/email-code.ts';
import { forgotPassword, resetLinkGone, resetLinkSent } from '../../views/sign-in/forgot.ts';
import {
  ada,
  ago,
  arabic,
  at,
  type Case,
  everyday,
  extremePerson,
  frame,
  hostile,
  hour,
  minute,
  one,
  signedIn,
  unbroken,
  worst,
} from './case.ts';

const text = `Hello ${ada.name},

Someone asked for a link to set a new password for your account.

  Link expires: 22 November 2026, 04:30 UTC

Set a new password: https://login.acme.example/sign-in/reset/writ_link_x
`;

export const recoveryCases: Case[] = [
  everyday('forgot-password', (brand) => forgotPassword(frame(brand), { delivery: 'email' })),
  everyday('forgot-password-problem', (brand) =>
    forgotPassword(frame(brand), {
      delivery: 'outbox',
      email: '',
      problems: { email: 'Enter your email address.' },
    }),
  ),
  one('forgot-password-none', (brand) => forgotPassword(frame(brand), { delivery: 'none' })),
  one('forgot-password-extreme', (brand) =>
    forgotPassword(frame(worst(brand), extremePerson), {
      delivery: 'outbox',
      email: unbroken,
      problem: `${hostile} ${unbroken}`,
    }),
  ),
  everyday('reset-link-sent', (brand) => resetLinkSent(frame(brand), { delivery: 'email' })),
  one('reset-link-in-outbox', (brand) => resetLinkSent(frame(brand), { delivery: 'outbox' })),
  everyday('reset-link-used', (brand) => resetLinkGone(frame(brand), { isUsed: true })),
  one('reset-link-gone', (brand) => resetLinkGone(frame(brand, signedIn), { isUsed: false })),

  everyday('email-code', (brand) => emailCode(frame(brand), { returnTo: '/account' })),
  one('email-code-extreme', (brand) =>
    emailCode(frame(worst(brand)), {
      returnTo: '/device?user_code=BCDF-GHJK',
      problem: `${hostile} ${unbroken}`,
      problems: { code: unbroken },
    }),
  ),
  one('email-code-expired', (brand) =>
    emailCode(frame(brand), { returnTo: '/account', isExpired: true }),
  ),

  everyday('account-email', (brand) =>
    accountEmail(frame(brand, at('account')), { current: ada.email, isOutbox: false }),
  ),
  one('account-email-extreme', (brand) =>
    accountEmail(frame(worst(brand), at('account', extremePerson)), {
      current: unbroken,
      email: hostile,
      problems: { email: unbroken },
      isOutbox: true,
    }),
  ),
  everyday('address-confirm', (brand) =>
    confirmAddress(frame(brand), { value: 'x', name: ada.name, email: ada.email }),
  ),
  one('address-confirm-extreme', (brand) =>
    confirmAddress(frame(worst(brand)), {
      value: hostile,
      name: `${arabic} ${unbroken}`,
      email: unbroken,
      problem: unbroken,
    }),
  ),
  everyday('address-restore', (brand) =>
    restoreAddress(frame(brand), { value: 'x', name: ada.name, email: ada.email }),
  ),
  one('address-changed', (brand) => addressChanged(frame(brand), { email: ada.email })),
  everyday('address-restored', (brand) => addressRestored(frame(brand), { email: ada.email })),
  one('address-link-used', (brand) => addressLinkGone(frame(brand), { reason: 'used' })),
  one('address-taken', (brand) => addressLinkGone(frame(brand), { reason: 'taken' })),

  everyday('account-outbox', (brand) =>
    accountOutbox(frame(brand, at('account')), {
      mails: [
        {
          id: 'm1',
          to: ada.email,
          subject: 'Set a new password',
          text,
          createdAt: ago(5 * minute),
        },
        {
          id: 'm2',
          to: 'grace@example.com',
          subject: 'New sign-in to your account',
          text,
          createdAt: ago(3 * hour),
        },
      ],
    }),
  ),
  one('account-outbox-empty', (brand) => accountOutbox(frame(brand, at('account')), { mails: [] })),
  one('account-outbox-extreme', (brand) =>
    accountOutbox(frame(worst(brand), at('account', extremePerson)), {
      mails: [
        {
          id: 'm1',
          to: unbroken,
          subject: `${hostile} ${unbroken}`,
          text: `${hostile}\n${unbroken}\n${arabic}`,
          createdAt: ago(hour),
        },
      ],
    }),
  ),
];
