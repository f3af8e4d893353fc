import { appRoleEdit } from '../../../views/apps/role-edit.ts';
import { appRoles } from '../../../views/apps/roles.ts';
import type { RoleShown } from '../../../views/components/app.ts';
import {
  arabic,
  type Case,
  everyday,
  frame,
  hostile,
  long,
  one,
  unbroken,
  worst,
} from '../case.ts';
import { acme, asReader, here, worstApp, worstHere } from './shared.ts';

export const roles: RoleShown[] = [
  {
    name: 'Owner',
    description: 'Everything, the app itself included',
    permissions: ['*'],
    manages: 'app',
    builtIn: true,
  },
  {
    name: 'Developer',
    description: 'Everything at the API, and the clients of the app',
    permissions: ['*'],
    manages: 'clients',
    builtIn: true,
  },
  {
    name: 'Editor',
    description: 'Sees and changes what is in the API',
    permissions: ['*.read', '*.write', '*.*.read', '*.*.write'],
    manages: 'nothing',
    builtIn: true,
  },
  {
    name: 'Reader',
    description: 'Can see everything',
    permissions: ['*.read', '*.*.read'],
    manages: 'nothing',
    builtIn: true,
  },
  {
    name: 'Importer',
    description: 'Writes things every night',
    permissions: ['things.read|write', 'logs.write'],
    manages: 'nothing',
    builtIn: false,
  },
];

const importer = roles.at(-1) as RoleShown;

export const worstRoles: RoleShown[] = Array.from({ length: 12 }, (_, index) => ({
  name: [unbroken, hostile, arabic, 'x'][index % 4] + String(index),
  description: [arabic, unbroken, '', hostile][index % 4] ?? '',
  permissions: Array.from({ length: index * 9 }, (_, each) => `${long('thing.', 100)}${each}`),
  manages: (['nothing', 'clients', 'app'] as const)[index % 3] ?? 'nothing',
  builtIn: index % 2 === 0,
}));
export const rolesCases: Case[] = [
  everyday('app-roles', (brand) =>
    appRoles(frame(brand, here), {
      app: acme,
      roles,
      tried: { permission: 'things.write', roles: ['Owner', 'Developer', 'Editor', 'Importer'] },
    }),
  ),
  one('app-roles-reader', (brand) =>
    appRoles(frame(brand, here), { app: asReader, roles: roles.slice(0, 4) }),
  ),
  one('app-roles-extreme', (brand) =>
    appRoles(frame(worst(brand), worstHere), {
      app: worstApp,
      roles: worstRoles,
      tried: { permission: unbroken, roles: [], problem: `${hostile} ${unbroken}` },
    }),
  ),
  one('app-roles-extreme-tried', (brand) =>
    appRoles(frame(worst(brand), worstHere), {
      app: worstApp,
      roles: worstRoles,
      tried: { permission: hostile, roles: worstRoles.map(({ name }) => name) },
    }),
  ),
  everyday('app-role-new', (brand) => appRoleEdit(frame(brand, here), { app: acme })),
  everyday('app-role-edit', (brand) =>
    appRoleEdit(frame(brand, here), {
      app: acme,
      role: importer,
      values: { permissions: 'things.\nlogs.write' },
      problems: {
        permissions:
          '"things." is not a permission. A permission is names separated by dots, such as things.read, things.* or things.read|write.',
      },
    }),
  ),
  one('app-role-edit-extreme', (brand) =>
    appRoleEdit(frame(worst(brand), worstHere), {
      app: worstApp,
      role: { ...importer, name: unbroken, description: hostile, permissions: [`</textarea>`] },
      problem: unbroken,
    }),
  ),
];
