// Pages in other languages: with long words, and in a script that breaks lines anywhere.
import { type ConsentProps, consent } from '../../views/consent/consent.ts';
import { type DeviceConfirmProps, deviceConfirm } from '../../views/device/confirm.ts';
import type { Brand } from '../../views/layout/frame.ts';
import { message } from '../../views/layout/message.ts';
import { catalogues } from '../../views/messages/index.ts';
import type { Language } from '../../views/messages/language.ts';
import { signInFactor } from '../../views/sign-in/factor.ts';
import { invitation } from '../../views/sign-in/invitation.ts';
import { signIn } from '../../views/sign-in/sign-in.ts';
import { ago, ahead, type Case, day, everyday, frame, minute, now } from './case.ts';

/** The frame of a page in a language, with the menu. */
const spoken = (brand: Brand, language: Language) => ({
  ...frame(brand),
  messages: catalogues[language],
  languages: Object.values(catalogues).map(({ code, name }) => ({
    code,
    name,
    href: `/sign-in?language=${code}`,
  })),
});

const request: DeviceConfirmProps['request'] = {
  userCode: 'BCDF-GHJK',
  clientName: 'Acme CLI',
  app: 'acme',
  clientUri: 'https://cli.acme.example/',
  scopes: [{ name: 'things:read', description: 'See your things', resource: 'Acme API' }],
  details: [],
  asksForEverything: true,
  scopesBeyondRole: [],
  device: { userAgent: 'curl/8.5.0', ip: '203.0.113.7' },
  requestedAt: ago(2 * minute),
  expiresAt: ahead(13 * minute),
  lifetimes: [365 * day, 30 * day, day],
};

const asked: ConsentProps['request'] = {
  uid: 'x',
  clientName: 'Acme Notebook',
  app: null,
  redirectUri: 'https://notebook.acme.example/callback',
  asks: 'consent',
  scopes: request.scopes,
  optional: new Map([['things:read', { isDeclined: false }]]),
  allowedBefore: [{ description: 'See your name', resource: '' }],
  expectsOther: false,
  details: [],
  scopesBeyondRole: [],
  expiresAt: new Date(now.getTime() + 3_600_000),
};

const casesIn = (language: Language): Case[] => [
  everyday(`sign-in-${language}`, (brand) =>
    signIn(spoken(brand, language), {
      returnTo: '/device',
      purpose: 'device',
      problem: catalogues[language].signInRefused.wrong,
      passkeys: { action: '/sign-in/passkey', rpId: 'localhost' },
      providers: [{ id: 'acme', name: 'Acme Login', isLast: true }],
    }),
  ),
  everyday(`device-confirm-${language}`, (brand) =>
    deviceConfirm(spoken(brand, language), { request, sameAddress: false }),
  ),
  everyday(`consent-${language}`, (brand) =>
    consent(spoken(brand, language), { request: asked, switchHref: '/sign-in' }),
  ),
  everyday(`invitation-${language}`, (brand) =>
    invitation(spoken(brand, language), {
      action: '/sign-in/reset',
      value: 'v',
      account: { name: 'Ada Lovelace', email: 'ada@example.com' },
      hasPassword: true,
      problems: { password: catalogues[language].passwordRefused.too_common },
    }),
  ),
  everyday(`factor-${language}`, (brand) =>
    signInFactor(spoken(brand, language), {
      kind: 'authenticator',
      returnTo: '/account',
      otherWays: [{ kind: 'recovery', href: '/sign-in/factor?kind=recovery' }],
      rememberDays: 30,
      problems: { code: catalogues[language].problems.wrongAppCode },
    }),
  ),
  everyday(`invalid-request-${language}`, (brand) =>
    message(spoken(brand, language), {
      title: catalogues[language].errors.invalidRequest.title,
      text: catalogues[language].errors.invalidRequest.text,
      developers: {
        error: 'invalid_request',
        description: 'redirect_uri did not match any of the registered ones',
        requestId: '0191d6a4',
      },
    }),
  ),
];

export const languageCases: Case[] = [...casesIn('de'), ...casesIn('ja')];
