// The page of the console about signing keys.
import { type AdminKey, adminKeys } from '../../views/admin/keys.ts';
import { here } from './admin-cases.ts';
import { ago, ahead, type Case, day, everyday, frame, hour, one, unbroken } from './case.ts';

const signs: AdminKey = {
  kid: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
  alg: 'ES256',
  state: 'signing',
  createdAt: ago(60 * day),
  signingSince: ago(30 * day),
  retiredAt: null,
  readyAt: null,
};

const keys: AdminKey[] = [
  {
    ...signs,
    kid: 'next',
    state: 'announced',
    createdAt: ago(hour),
    signingSince: null,
    readyAt: ahead(hour),
  },
  signs,
  { ...signs, kid: 'old', state: 'retired', createdAt: ago(90 * day), retiredAt: ago(30 * day) },
  { ...signs, alg: 'RS256', kid: 'rsa' },
];

export const adminKeysCases: Case[] = [
  everyday('admin-keys', (brand) => adminKeys(frame(brand, here), { keys })),
  one('admin-keys-refused', (brand) =>
    adminKeys(frame(brand, here), {
      keys: [{ ...signs, kid: unbroken }],
      problem: 'The next ES256 key was announced too recently.',
    }),
  ),
];
