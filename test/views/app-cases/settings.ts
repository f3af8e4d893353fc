import { appSettings } from '../../../views/apps/settings.ts';
import {
  ago,
  type Case,
  day,
  everyday,
  frame,
  hostile,
  now,
  one,
  unbroken,
  worst,
} from '../case.ts';
import { worstRoles } from './roles.ts';
import { acme, asReader, clients, here, worstApp, worstClient, worstHere } from './shared.ts';

export const settingsCases: Case[] = [
  everyday('app-settings', (brand) =>
    appSettings(frame(brand, here), {
      app: { ...acme, createdAt: ago(40 * day) },
      clients,
      members: 3,
      clientsRegister: true,
      roles: ['Importer'],
    }),
  ),
  everyday('app-settings-delete', (brand) =>
    appSettings(frame(brand, here), {
      app: { ...acme, createdAt: ago(40 * day), disabledAt: ago(day) },
      clients,
      members: 1,
      clientsRegister: true,
      roles: [],
      problems: { name: 'Type the name of the app to delete it: acme' },
    }),
  ),
  one('app-settings-reader', (brand) =>
    appSettings(frame(brand, here), {
      app: { ...asReader, createdAt: now },
      clients: [],
      members: 1,
      clientsRegister: true,
      roles: [],
    }),
  ),
  one('app-settings-extreme', (brand) =>
    appSettings(frame(worst(brand), worstHere), {
      app: { ...worstApp, createdAt: now },
      clients: [worstClient, worstClient],
      members: 500,
      clientsRegister: true,
      roles: worstRoles.map(({ name }) => name),
      values: { display_name: unbroken },
      problem: hostile,
    }),
  ),
];
