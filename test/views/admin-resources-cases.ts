// The pages of the console about APIs.
import {
  type AdminResource,
  adminResource,
  adminResourceNew,
  adminResources,
} from '../../views/admin/resources.ts';
import { here } from './admin-cases.ts';
import { type Case, everyday, frame, hostile, long, one, unbroken, worst } from './case.ts';

const things: AdminResource = {
  identifier: 'https://api.example.com',
  name: 'Things',
  scopes: [
    { name: 'things:read', description: 'See your things' },
    { name: 'things:write', description: 'Change your things' },
  ],
  format: 'jwt',
  signingAlg: 'ES256',
  accessTokenTtl: 3_600,
  isDefault: true,
  isOwn: false,
  openTo: { apps: true, people: false, self_registered: false },
};

const own: AdminResource = {
  ...things,
  identifier: 'https://login.example.com/api/v1',
  name: 'Writ',
  format: 'opaque',
  accessTokenTtl: null,
  isDefault: false,
  isOwn: true,
};

const extreme: AdminResource = {
  ...things,
  identifier: `https://${unbroken}.test`,
  name: `${hostile} ${unbroken}`,
  scopes: [{ name: unbroken, description: long('Donau', 300) }],
};

const pages = { next: undefined, first: undefined };

export const adminResourcesCases: Case[] = [
  everyday('admin-resources', (brand) =>
    adminResources(frame(brand, here), { resources: [things, own], pages }),
  ),
  everyday('admin-resource-new', (brand) => adminResourceNew(frame(brand, here), {})),
  one('admin-resource-new-refused', (brand) =>
    adminResourceNew(frame(brand, here), {
      values: { identifier: 'api', ttl: 'soon' },
      problems: { identifier: 'Must be a URL.', ttl: 'Must be a whole number.' },
    }),
  ),
  everyday('admin-resource', (brand) => adminResource(frame(brand, here), { resource: things })),
  one('admin-resource-own', (brand) => adminResource(frame(brand, here), { resource: own })),
  one('admin-resource-extreme', (brand) =>
    adminResource(frame(worst(brand), here), { resource: extreme, problem: unbroken }),
  ),
];
