import { consent } from '../consent/consent.ts';
import { deviceConfirm } from '../device/confirm.ts';
import type { Frame, Html } from '../layout/frame.ts';
import type { MailProps } from '../mails/mail.ts';
import { signIn } from '../sign-in/sign-in.ts';

const app = 'Sample app';

const scopes = [
  { name: 'things:read', description: 'See your things', resource: 'Sample API' },
  { name: 'things:write', description: 'Change your things', resource: 'Sample API' },
];

const nothingElse = { details: [], scopesBeyondRole: [] };

const inMinutes = ({ now }: Frame, minutes: number): Date =>
  new Date(now.getTime() + minutes * 60_000);

/** Pages that people see, with sample data. */
export const brandSamples = {
  'sign-in': (frame: Frame): Html => signIn(frame, { returnTo: '/account', app }),
  consent: (frame: Frame): Html =>
    consent(frame, {
      request: {
        ...nothingElse,
        uid: 'sample',
        clientName: app,
        app: null,
        redirectUri: 'https://app.example.com/callback',
        asks: 'consent',
        scopes,
        optional: new Map(),
        allowedBefore: [],
        expectsOther: false,
        expiresAt: inMinutes(frame, 10),
      },
      switchHref: '/sign-in',
    }),
  device: (frame: Frame): Html =>
    deviceConfirm(frame, {
      request: {
        ...nothingElse,
        userCode: 'BCDF-GHJK',
        clientName: app,
        scopes,
        asksForEverything: false,
        device: { userAgent: 'sample-cli/1.0', ip: '192.0.2.7' },
        requestedAt: inMinutes(frame, -1),
        expiresAt: inMinutes(frame, 14),
        lifetimes: [],
      },
      sameAddress: true,
    }),
} as const;

/** An email with sample data. */
export const brandMail: MailProps = {
  subject: 'Someone signed in to your account',
  to: 'Ada Lovelace',
  opening: 'Your account was used in a browser that it does not know.',
  facts: [
    ['Browser', 'Firefox on Linux'],
    ['Address', '192.0.2.7'],
  ],
  advice: ['If it was not you, choose another password now.'],
  links: [{ label: 'See your sessions', path: '/account' }],
};
