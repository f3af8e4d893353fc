// The pages on which an app is let in, as they are every day, at their worst, and with next to nothing on them.
import {
  type ConsentProps,
  consent,
  consentAnswered,
  consentDenied,
  consentGone,
  consentGranted,
} from '../../views/consent/consent.ts';
import { leaving } from '../../views/consent/response.ts';
import {
  ahead,
  arabic,
  type Case,
  everyday,
  extremePerson,
  frame,
  hostile,
  long,
  minute,
  one,
  signedIn,
  unbroken,
  worst,
} from './case.ts';

const request: ConsentProps['request'] = {
  uid: 'a-request',
  clientName: 'Acme Notes',
  app: null,
  clientUri: 'https://notes.acme.example/about',
  redirectUri: 'https://notes.acme.example/signed-in',
  scopes: [
    { name: 'notes:read', description: 'Read your notes', resource: 'Acme API' },
    { name: 'notes:write', description: 'Make, change and delete notes', resource: 'Acme API' },
    { name: 'openid', description: 'Identify you by your account ID', resource: '' },
  ],
  asks: 'consent',
  optional: new Map(),
  allowedBefore: [],
  expectsOther: false,
  details: [],
  scopesBeyondRole: [],
  expiresAt: ahead(59 * minute),
};

/** As it asks for single things. */
const details = [
  'Read the rows of every table of db1',
  'Insert rows into the table dogs of db1',
  'Run any SQL that reads the database db1',
].map((description) => ({ description, resource: 'Datasette' }));

/** Where another person signs in, for the same request. */
const switchHref = '/sign-in?return_to=%2Fconsent%2Fabc&switch=1';

const extreme = `${hostile} ${unbroken}`;
const scopes = Array.from({ length: 20 }, (_, index) => ({
  name: `scope:${index}`,
  description: index % 2 === 0 ? `${hostile} ${arabic}` : long('verylongword', 90),
  resource: ['', hostile, unbroken, arabic][index % 4] ?? '',
}));

export const consentCases: Case[] = [
  everyday('consent', (brand) => consent(frame(brand, signedIn), { request, switchHref })),
  everyday('consent-of-an-app', (brand) =>
    consent(frame(brand, signedIn), {
      switchHref,
      request: {
        ...request,
        app: 'acme',
        developer: 'Ada Lovelace',
        redirectUri: 'com.acme.notes:/signed-in',
      },
    }),
  ),
  everyday('consent-of-a-document', (brand) =>
    consent(frame(brand, signedIn), {
      switchHref,
      request: {
        ...request,
        clientName: 'assistant.example',
        selfRegistered: { by: 'document', calledItself: 'Assistant' },
        redirectUri: 'http://127.0.0.1:49152/callback',
      },
    }),
  ),
  everyday('consent-of-an-author', (brand) =>
    consent(frame(brand, signedIn), {
      switchHref,
      request: {
        ...request,
        developer: 'Grace Hopper',
        termsUri: 'https://notes.acme.example/terms',
      },
    }),
  ),
  everyday('consent-beyond', (brand) =>
    consent(frame(brand, signedIn), {
      switchHref,
      request: { ...request, scopesBeyondRole: ['clients:write', 'keys:write'] },
      problem: 'Only an account with the role administrator can allow this.',
    }),
  ),
  everyday('consent-for-more', (brand) =>
    consent(frame(brand, signedIn), {
      switchHref,
      request: {
        ...request,
        scopes: request.scopes.slice(1, 2),
        allowedBefore: [...request.scopes.slice(0, 1), ...request.scopes.slice(2)],
      },
    }),
  ),
  everyday('consent-for-more-to-a-native-app', (brand) =>
    consent(frame(brand, signedIn), {
      switchHref,
      request: {
        ...request,
        redirectUri: 'http://127.0.0.1:49152/signed-in',
        asks: 'interaction',
        scopes: request.scopes.slice(1, 2),
        allowedBefore: request.scopes.slice(0, 1),
      },
    }),
  ),
  everyday('consent-with-optional-scopes', (brand) =>
    consent(frame(brand, signedIn), {
      switchHref,
      request: {
        ...request,
        optional: new Map([
          ['notes:read', { isDeclined: false }],
          ['notes:write', { isDeclined: true }],
        ]),
      },
    }),
  ),
  everyday('consent-only-the-account', (brand) =>
    consent(frame(brand, signedIn), {
      switchHref,
      request: { ...request, asks: 'account', scopes: [], allowedBefore: request.scopes },
    }),
  ),
  everyday('consent-of-another-account', (brand) =>
    consent(frame(brand, signedIn), {
      switchHref,
      request: { ...request, expectsOther: true },
    }),
  ),
  everyday('consent-leaving', (brand) =>
    leaving(frame(brand), { name: 'Acme Notes', url: 'https://notes.acme.example/signed-in' }),
  ),
  one('consent-leaving-extreme', (brand) =>
    leaving(frame(worst(brand)), { name: extreme, url: `https://${long('sub.', 60)}example.com/` }),
  ),
  everyday('consent-of-single-things', (brand) =>
    consent(frame(brand, signedIn), { switchHref, request: { ...request, scopes: [], details } }),
  ),
  one('consent-extreme', (brand) =>
    consent(frame(worst(brand), extremePerson), {
      switchHref,
      request: {
        ...request,
        clientName: extreme,
        app: long('a', 60),
        clientUri: 'javascript:alert(1)',
        developer: extreme,
        termsUri: `https://${long('sub.', 60)}example.com/`,
        redirectUri: `https://${long('sub.', 200)}example.com/`,
        scopes,
        details: scopes.slice(0, 8).map((scope) => ({ ...scope, resource: hostile })),
      },
      problem: unbroken,
    }),
  ),
  one('consent-extreme-scheme', (brand) =>
    consent(frame(worst(brand), extremePerson), {
      switchHref,
      request: {
        ...request,
        clientName: arabic,
        redirectUri: `com.${long('example', 200)}:/back`,
        scopesBeyondRole: scopes.map(({ description }) => description),
      },
    }),
  ),
  one('consent-empty', (brand) =>
    consent(frame(brand), {
      switchHref,
      request: {
        ...request,
        clientName: 'x',
        clientUri: undefined,
        redirectUri: 'http://[::1]:49152/',
        scopes: [],
      },
    }),
  ),
  everyday('consent-granted', (brand) =>
    consentGranted(frame(brand, signedIn), { clientName: 'Acme Notes' }),
  ),
  everyday('consent-denied', (brand) =>
    consentDenied(frame(brand, signedIn), { clientName: 'Acme Notes' }),
  ),
  everyday('consent-answered', (brand) =>
    consentAnswered(frame(brand, signedIn), { clientName: 'Acme Notes' }),
  ),
  everyday('consent-gone', (brand) => consentGone(frame(brand), {})),
  one('consent-ends-extreme', (brand) =>
    consentAnswered(frame(worst(brand), extremePerson), { clientName: extreme }),
  ),
];
