import { appAlreadyCreated } from '../../../views/apps/already-created.ts';
import { apps } from '../../../views/apps/list.ts';
import { appNew } from '../../../views/apps/new.ts';
import { appHome } from '../../../views/apps/overview.ts';
import {
  ago,
  arabic,
  type Case,
  day,
  everyday,
  frame,
  hostile,
  one,
  unbroken,
  worst,
} from '../case.ts';
import { events, noUsage, usage, worstEvents, worstUsage } from './activity.ts';
import { invitation, worstInvitation } from './members.ts';
import {
  acme,
  asReader,
  client,
  clients,
  here,
  worstApp,
  worstClient,
  worstHere,
} from './shared.ts';

export const listCases: Case[] = [
  everyday('apps', (brand) =>
    apps(frame(brand, here), {
      apps: [
        { ...acme, role: 'Owner', clients: 5 },
        {
          ...acme,
          name: 'initech',
          displayName: 'Initech Reports',
          role: 'Reader',
          clients: 1,
          disabledAt: ago(day),
        },
        { ...acme, name: 'matbakh', displayName: arabic, role: 'Developer', clients: 2 },
      ],
      next: null,
      invitations: [invitation],
    }),
  ),
  everyday('apps-empty', (brand) =>
    apps(frame(brand, here), { apps: [], next: null, invitations: [] }),
  ),
  one('apps-extreme', (brand) =>
    apps(frame(worst(brand), worstHere), {
      apps: Array.from({ length: 20 }, (_, index) => ({
        ...worstApp,
        displayName: [unbroken, hostile, arabic, ''][index % 4] ?? '',
        role: index % 3 ? unbroken : null,
        clients: 1_000_000,
      })),
      next: hostile,
      invitations: [worstInvitation, { ...worstInvitation, invitedBy: null }],
    }),
  ),
  everyday('app-new', (brand) => appNew(frame(brand, here), { hasOpenApi: true })),
  everyday('app-new-problem', (brand) =>
    appNew(frame(brand, here), {
      hasOpenApi: false,
      values: { display_name: '', name: 'Acme!' },
      problems: {
        display_name: 'Enter a display name.',
        name: 'The name of an app has 2 to 40 lowercase letters and digits.',
      },
    }),
  ),
  one('app-new-extreme', (brand) =>
    appNew(frame(worst(brand), worstHere), {
      hasOpenApi: false,
      values: { display_name: hostile, name: unbroken },
      problem: `${hostile} ${unbroken}`,
    }),
  ),
  everyday('app-there', (brand) => appAlreadyCreated(frame(brand, here), { app: acme })),
  one('app-there-client', (brand) =>
    appAlreadyCreated(frame(brand, here), {
      app: acme,
      client: client('website', { kind: 'website' }),
    }),
  ),
  one('app-there-extreme', (brand) =>
    appAlreadyCreated(frame(worst(brand), worstHere), {
      app: worstApp,
      client: { ...worstClient, kind: 'server' },
    }),
  ),
  everyday('app-home', (brand) =>
    appHome(frame(brand, here), { app: acme, clients, usage, events: events.slice(0, 5) }),
  ),
  everyday('app-home-empty', (brand) =>
    appHome(frame(brand, here), { app: acme, clients: [], usage: noUsage, events: [] }),
  ),
  one('app-home-reader', (brand) =>
    appHome(frame(brand, here), {
      app: { ...asReader, disabledAt: ago(day) },
      clients: [],
      usage: { days: [], clients: [] },
      events: [],
    }),
  ),
  one('app-home-extreme', (brand) =>
    appHome(frame(worst(brand), worstHere), {
      app: worstApp,
      clients: [worstClient, ...clients, { ...worstClient, displayName: '' }],
      usage: worstUsage,
      events: worstEvents,
    }),
  ),
];
