// The pages of the console about apps, and its search.
import { type AdminApp, type AppProps, adminApp, adminApps } from '../../views/admin/apps.ts';
import { adminSearch } from '../../views/admin/search.ts';
import { here } from './admin-cases.ts';
import {
  ago,
  type Case,
  day,
  everyday,
  frame,
  hostile,
  long,
  one,
  unbroken,
  worst,
} from './case.ts';

const acme: AdminApp = {
  name: 'acme',
  displayName: 'Acme website',
  members: 3,
  clients: 2,
  disabledAt: null,
  byMember: false,
  createdAt: ago(90 * day),
};

const extreme: AdminApp = {
  ...acme,
  name: long('a', 40),
  displayName: `${hostile} ${unbroken}`,
  disabledAt: ago(day),
  byMember: true,
};

const whole: AppProps = {
  app: acme,
  members: [
    { accountId: 'a', name: 'Grace Hopper', email: 'grace@example.com', role: 'Owner' },
    { accountId: 'b', name: 'Alan Turing', email: null, role: 'Developer' },
  ],
  clients: [
    { clientId: 'acme:default', displayName: '', kind: 'Service', disabled: false },
    { clientId: 'acme:web', displayName: 'Website', kind: 'Website with a server', disabled: true },
  ],
};

const pages = { next: '/admin/apps?after=x', first: undefined };

export const adminAppsCases: Case[] = [
  everyday('admin-apps', (brand) =>
    adminApps(frame(brand, here), {
      apps: [acme, { ...acme, name: 'other', displayName: '', disabledAt: ago(day) }],
      filter: {},
      pages,
    }),
  ),
  one('admin-apps-nothing', (brand) =>
    adminApps(frame(brand, here), {
      apps: [],
      filter: {},
      pages: { next: undefined, first: undefined },
    }),
  ),
  one('admin-apps-extreme', (brand) =>
    adminApps(frame(worst(brand), here), { apps: [extreme], filter: { search: unbroken }, pages }),
  ),
  everyday('admin-app', (brand) => adminApp(frame(brand, here), whole)),
  one('admin-app-extreme', (brand) =>
    adminApp(frame(worst(brand), here), {
      app: extreme,
      members: [
        { accountId: 'a', name: unbroken, email: `${unbroken}@example.com`, role: 'Owner' },
      ],
      clients: [{ clientId: unbroken, displayName: unbroken, kind: 'Service', disabled: true }],
      problem: unbroken,
    }),
  ),
  everyday('admin-search', (brand) =>
    adminSearch(frame(brand, here), {
      query: 'ac',
      isToken: false,
      groups: [
        {
          label: 'People',
          items: [{ href: '/admin/people/x', name: 'Ada Acker', detail: 'ada@example.com' }],
          more: undefined,
        },
        {
          label: 'Clients',
          items: [{ href: '/admin/clients/acme', name: 'acme', detail: 'acme' }],
          more: '/admin/clients?search=ac',
        },
      ],
    }),
  ),
  one('admin-search-token', (brand) =>
    adminSearch(frame(brand, here), { query: 'writ_at_x', isToken: true, groups: [] }),
  ),
  one('admin-search-extreme', (brand) =>
    adminSearch(frame(worst(brand), here), {
      query: unbroken,
      isToken: false,
      groups: [
        {
          label: 'Clients',
          items: [{ href: '/admin/clients/x', name: `${hostile} ${unbroken}`, detail: unbroken }],
          more: undefined,
        },
      ],
    }),
  ),
];
