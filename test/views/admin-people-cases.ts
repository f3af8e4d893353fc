// The pages of the console about people.
import {
  adminPeople,
  adminPerson,
  adminPersonInvited,
  adminPersonNew,
  type PersonProps,
  type PersonShown,
} from '../../views/admin/people.ts';
import { here } from './admin-cases.ts';
import {
  ago,
  ahead,
  arabic,
  type Case,
  day,
  everyday,
  frame,
  hostile,
  hour,
  long,
  minute,
  one,
  unbroken,
  worst,
} from './case.ts';

const grace: PersonShown = {
  id: '0198c0de-0000-7000-8000-000000000000',
  name: 'Grace Hopper',
  email: 'grace@example.com',
  emailVerified: true,
  roles: ['reader', 'support'],
  hasPassword: true,
  hasSecondFactor: true,
  lastSignInAt: ago(2 * hour),
  waitingSince: null,
  disabledAt: null,
  createdAt: ago(200 * day),
};

const waiting: PersonShown = {
  ...grace,
  id: '0198c0de-0000-7000-8000-000000000001',
  name: 'Alan Turing',
  email: 'alan@example.com',
  roles: [],
  hasPassword: false,
  lastSignInAt: null,
  waitingSince: ago(3 * hour),
  disabledAt: ago(3 * hour),
};

const extreme: PersonShown = {
  ...grace,
  name: `${hostile} ${unbroken}`,
  email: `${long('a', 60)}@${long('example.', 180)}com`,
  roles: Array.from({ length: 20 }, (_, index) => `role-${index}-${long('r', 30)}`),
  disabledAt: ago(day),
};

const roles = ['reader', 'support', 'auditor'].map((name) => ({
  name,
  description: name === 'reader' ? '' : `What ${name} is for`,
  checked: name !== 'auditor',
}));

const whole: PersonProps = {
  person: grace,
  roles,
  sessions: [
    {
      signedInAt: ago(2 * hour),
      lastSeenAt: ago(5 * minute),
      ip: '192.0.2.7',
      userAgent:
        'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15',
    },
    { signedInAt: ago(9 * day), lastSeenAt: ago(2 * day), ip: null, userAgent: null },
  ],
  factors: [
    { kind: 'authenticator', name: null, createdAt: ago(90 * day) },
    { kind: 'passkey', name: 'MacBook', createdAt: ago(30 * day) },
  ],
  factorsResetAt: null,
  grants: [
    {
      id: 'g1',
      clientId: 'acme:cli',
      clientName: 'Acme CLI',
      approvedAt: ago(40 * day),
      lastUsedAt: ago(hour),
    },
  ],
};

const pages = { next: '/admin/people?after=x', first: undefined };

export const adminPeopleCases: Case[] = [
  everyday('admin-people', (brand) =>
    adminPeople(frame(brand, here), {
      people: [grace, waiting, { ...grace, id: 'x', name: 'Ada Lovelace', disabledAt: ago(day) }],
      filter: {},
      pages,
    }),
  ),
  one('admin-people-nobody', (brand) =>
    adminPeople(frame(brand, here), {
      people: [],
      filter: { search: 'zu', show: 'waiting' },
      pages: { next: undefined, first: undefined },
    }),
  ),
  one('admin-people-extreme', (brand) =>
    adminPeople(frame(worst(brand), here), {
      people: [extreme, { ...grace, name: arabic }],
      filter: { search: unbroken },
      pages,
    }),
  ),
  everyday('admin-person-new', (brand) =>
    adminPersonNew(frame(brand, here), { roles, isMailed: true }),
  ),
  one('admin-person-new-refused', (brand) =>
    adminPersonNew(frame(brand, here), {
      roles: [],
      isMailed: false,
      values: { name: 'Grace', email: 'grace' },
      problems: { email: 'Must be an email address.' },
    }),
  ),
  everyday('admin-person-invited', (brand) =>
    adminPersonInvited(frame(brand, { ...here, copies: true }), {
      person: grace,
      link: `https://login.example.com/invitation/${long('x', 43)}`,
      expiresAt: ahead(7 * day),
      sentTo: null,
    }),
  ),
  everyday('admin-person', (brand) => adminPerson(frame(brand, here), whole)),
  one('admin-person-waiting', (brand) =>
    adminPerson(frame(brand, here), {
      ...whole,
      person: waiting,
      sessions: [],
      factors: [],
      grants: [],
      factorsResetAt: ahead(day),
    }),
  ),
  one('admin-person-extreme', (brand) =>
    adminPerson(frame(worst(brand), here), {
      ...whole,
      person: extreme,
      grants: [
        {
          ...whole.grants[0],
          id: 'g',
          clientId: long('c', 100),
          clientName: unbroken,
          approvedAt: ago(day),
          lastUsedAt: null,
        },
      ],
      problem: unbroken,
    }),
  ),
];
