// The pages of the console about roles.
import { apiScopes } from '../../config/scopes.ts';
import {
  adminRole,
  adminRoleNew,
  adminRoles,
  type RoleProps,
  type RoleShown,
} from '../../views/admin/roles.ts';
import { here } from './admin-cases.ts';
import { type Case, everyday, frame, hostile, long, one, unbroken, worst } from './case.ts';

const support: RoleShown = {
  name: 'support',
  description: 'Helps people: sees accounts and tokens, signs people out',
  permissions: ['things.read', 'things.archive.*', 'people.read|write'],
  apiScopes: ['accounts:read', 'accounts:support'],
  secondFactorDays: 7,
  builtIn: false,
};

const administrator: RoleShown = {
  name: 'administrator',
  description: 'Administers Writ itself: accounts, clients, roles, keys and everything else',
  permissions: [],
  apiScopes: Object.keys(apiScopes),
  secondFactorDays: 0,
  builtIn: true,
};

const reader: RoleShown = {
  name: 'reader',
  description: '',
  permissions: ['things.read'],
  apiScopes: [],
  secondFactorDays: null,
  builtIn: false,
};

const extreme: RoleShown = {
  ...support,
  name: long('role', 100),
  description: `${hostile} ${unbroken}`,
  permissions: Array.from({ length: 30 }, (_, index) => `${long('name', 60)}.${index}.*`),
  apiScopes: Object.keys(apiScopes),
};

const scopesOf = ({ apiScopes: given }: RoleShown) =>
  Object.entries(apiScopes).map(([name, sentence]) => ({
    name,
    sentence,
    checked: given.includes(name),
  }));

const pages = { next: undefined, first: undefined };

const whole: RoleProps = {
  role: support,
  scopes: scopesOf(support),
  beyond: [],
  values: {
    description: support.description,
    permissions: support.permissions.join('\n'),
    second_factor: 'required',
    days: '7',
  },
};

export const adminRolesCases: Case[] = [
  everyday('admin-roles', (brand) =>
    adminRoles(frame(brand, here), {
      roles: [administrator, reader, support],
      tried: { permission: 'things.read', allowing: ['reader', 'support'], others: 1 },
      pages,
    }),
  ),
  one('admin-roles-extreme', (brand) =>
    adminRoles(frame(worst(brand), here), {
      roles: [extreme],
      tried: { permission: unbroken, problem: unbroken, allowing: [], others: 0 },
      pages: { next: '/admin/roles?after=x', first: '/admin/roles' },
    }),
  ),
  everyday('admin-role-new', (brand) =>
    adminRoleNew(frame(brand, here), { scopes: scopesOf(reader) }),
  ),
  one('admin-role-new-refused', (brand) =>
    adminRoleNew(frame(brand, here), {
      scopes: scopesOf(support),
      values: { name: '1', permissions: 'things:read' },
      problems: { name: 'Must start with a letter.', permissions: unbroken, api_scopes: unbroken },
      problem: unbroken,
    }),
  ),
  everyday('admin-role', (brand) =>
    adminRole(frame(brand, here), {
      ...whole,
      tried: { permission: 'things.write', allowing: [], others: 1 },
    }),
  ),
  one('admin-role-built-in', (brand) =>
    adminRole(frame(brand, here), {
      ...whole,
      role: administrator,
      scopes: scopesOf(administrator),
    }),
  ),
  one('admin-role-beyond', (brand) =>
    adminRole(frame(brand, here), { ...whole, beyond: ['keys:write', 'clients:write'] }),
  ),
  one('admin-role-extreme', (brand) =>
    adminRole(frame(worst(brand), here), {
      ...whole,
      role: extreme,
      scopes: scopesOf(extreme),
      values: { permissions: extreme.permissions.join('\n') },
      tried: { permission: 'a', allowing: [extreme.name], others: 0 },
    }),
  ),
];
