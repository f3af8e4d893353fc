// The pages of the console about people.
import {
  adminPeople,
  adminPersonInvited,
  adminPersonNew,
  type PersonShown,
} from '../../views/admin/people.ts';
import {
  adminPerson,
  adminPersonAccess,
  adminPersonSignIn,
  type PersonAccessProps,
  type PersonSignInProps,
} from '../../views/admin/person.ts';
import {
  adminSeveralPeople,
  adminSeveralPeopleDone,
  type ChosenPerson,
} from '../../views/admin/several-people.ts';
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

const safari =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15';

const signIn: PersonSignInProps = {
  person: grace,
  isSelf: false,
  sessions: [
    {
      signedInAt: ago(2 * hour),
      lastSeenAt: ago(5 * minute),
      ip: '192.0.2.7',
      userAgent: safari,
      amr: ['pwd', 'otp'],
      elsewhere: null,
    },
    {
      signedInAt: ago(9 * day),
      lastSeenAt: ago(2 * day),
      ip: null,
      userAgent: null,
      amr: [],
      elsewhere: { at: ago(day), ip: '203.0.113.9', userAgent: safari },
    },
  ],
  factors: [
    {
      kind: 'authenticator',
      name: null,
      left: null,
      createdAt: ago(90 * day),
      lastUsedAt: ago(2 * hour),
    },
    { kind: 'passkey', name: 'MacBook', left: null, createdAt: ago(30 * day), lastUsedAt: null },
    { kind: 'recovery_codes', name: null, left: 8, createdAt: ago(90 * day), lastUsedAt: null },
  ],
  resetDue: null,
  history: [
    { at: ago(2 * hour), ip: '192.0.2.7', amr: ['pwd', 'otp'] },
    { at: ago(9 * day), ip: null, amr: ['fed'] },
  ],
};

const access: PersonAccessProps = {
  person: grace,
  isSelf: false,
  logins: [
    {
      grantId: 'g1',
      clientName: 'Acme CLI',
      device: { userAgent: 'acme-cli/1.2', ip: '192.0.2.7' },
      scopes: ['things:read', 'things:write'],
      approvedAt: ago(40 * day),
      lastUsedAt: ago(hour),
      expiresAt: ahead(50 * day),
    },
  ],
  delegations: [
    {
      clientId: 'agent',
      clientName: 'Travel agent',
      since: ago(4 * day),
      lastUsedAt: ago(hour),
      endedAt: null,
    },
    {
      clientId: 'old',
      clientName: 'Mail agent',
      since: ago(9 * day),
      lastUsedAt: null,
      endedAt: ago(day),
    },
  ],
  tokens: [
    {
      id: 'tok_0000J3XdVhVu5cGRqJvtQmp6I',
      kind: 'personal_access_token',
      name: 'laptop',
      expiresAt: ahead(18 * day),
      lastUsedAt: ago(5 * minute),
    },
  ],
  hasMoreTokens: false,
  sessions: 2,
};

const chosen: ChosenPerson[] = [
  { ...grace, isSelf: false, sessions: 2 },
  { ...waiting, isSelf: false, sessions: 0 },
];

const pages = { next: '/admin/people?after=x', first: undefined };

export const adminPeopleCases: Case[] = [
  everyday('admin-people', (brand) =>
    adminPeople(frame(brand, here), {
      people: [grace, waiting, { ...grace, id: 'x', name: 'Ada Lovelace', disabledAt: ago(day) }],
      filter: {},
      pages,
    }),
  ),
  one('admin-people-none', (brand) =>
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
    }),
  ),
  everyday('admin-person', (brand) =>
    adminPerson(frame(brand, here), { person: grace, isSelf: false, roles }),
  ),
  one('admin-person-waiting', (brand) =>
    adminPerson(frame(brand, here), { person: waiting, isSelf: false, roles }),
  ),
  one('admin-person-self', (brand) =>
    adminPerson(frame(brand, here), {
      person: { ...grace, disabledAt: ago(day) },
      isSelf: true,
      roles,
      problem: 'The account is the last administrator.',
    }),
  ),
  one('admin-person-extreme', (brand) =>
    adminPerson(frame(worst(brand), here), {
      person: extreme,
      isSelf: true,
      roles: extreme.roles.map((name) => ({ name, description: hostile, checked: true })),
      problems: { roles: unbroken },
      problem: unbroken,
    }),
  ),
  everyday('admin-person-sign-in', (brand) => adminPersonSignIn(frame(brand, here), signIn)),
  one('admin-person-sign-in-nothing', (brand) =>
    adminPersonSignIn(frame(brand, here), {
      ...signIn,
      person: { ...grace, hasPassword: false },
      sessions: [],
      factors: [],
      history: [],
      resetDue: ahead(day),
    }),
  ),
  one('admin-person-sign-in-extreme', (brand) =>
    adminPersonSignIn(frame(worst(brand), here), {
      ...signIn,
      person: extreme,
      factors: [
        { kind: 'passkey', name: unbroken, left: null, createdAt: ago(day), lastUsedAt: null },
      ],
      problem: unbroken,
    }),
  ),
  everyday('admin-person-access', (brand) => adminPersonAccess(frame(brand, here), access)),
  one('admin-person-access-nothing', (brand) =>
    adminPersonAccess(frame(brand, here), {
      ...access,
      logins: [],
      delegations: [],
      tokens: [],
      sessions: 0,
    }),
  ),
  one('admin-person-access-extreme', (brand) =>
    adminPersonAccess(frame(worst(brand), here), {
      ...access,
      person: extreme,
      logins: access.logins.map((login) => ({
        ...login,
        clientName: unbroken,
        scopes: Array.from({ length: 30 }, (_, index) => `${long('scope', 40)}${index}:read`),
      })),
      delegations: access.delegations.map((each) => ({ ...each, clientName: unbroken })),
      tokens: access.tokens.map((token) => ({ ...token, name: `${hostile} ${unbroken}` })),
      hasMoreTokens: true,
      sessions: 1,
      problem: unbroken,
    }),
  ),
  everyday('admin-several-people-disable', (brand) =>
    adminSeveralPeople(frame(brand, here), { act: 'disable', people: chosen, roles: [] }),
  ),
  one('admin-several-people-enable', (brand) =>
    adminSeveralPeople(frame(brand, here), {
      act: 'enable',
      people: [...chosen, { ...grace, id: 'x', isSelf: true, sessions: 1 }],
      roles: [],
    }),
  ),
  one('admin-several-people-sign-out', (brand) =>
    adminSeveralPeople(frame(brand, here), { act: 'sign-out', people: chosen, roles: [] }),
  ),
  everyday('admin-several-people-role', (brand) =>
    adminSeveralPeople(frame(brand, here), {
      act: 'give-role',
      people: chosen,
      roles: ['reader', 'support', 'auditor'],
      problems: { role: 'Choose a role.' },
    }),
  ),
  one('admin-several-people-no-role', (brand) =>
    adminSeveralPeople(frame(brand, here), { act: 'take-role', people: chosen, roles: [] }),
  ),
  one('admin-several-people-extreme', (brand) =>
    adminSeveralPeople(frame(worst(brand), here), {
      act: 'take-role',
      people: [
        { ...extreme, isSelf: false, sessions: 1234 },
        { ...grace, name: arabic, isSelf: true, sessions: 1 },
      ],
      roles: extreme.roles,
    }),
  ),
  everyday('admin-several-people-done', (brand) =>
    adminSeveralPeopleDone(frame(brand, here), {
      act: 'disable',
      role: '',
      done: 2,
      refused: [
        { name: 'Ada Lovelace', why: 'This is the last active administrator.' },
        { name: 'Grace Hopper', why: 'This is your own account: change it on its page.' },
      ],
    }),
  ),
  one('admin-several-people-done-all', (brand) =>
    adminSeveralPeopleDone(frame(worst(brand), here), {
      act: 'give-role',
      role: unbroken,
      done: 50,
      refused: [],
    }),
  ),
];
