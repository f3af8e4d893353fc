import { appRegistration, initialTokenCreated } from '../../../views/apps/registration.ts';
import {
  ahead,
  type Case,
  day,
  everyday,
  frame,
  hostile,
  hour,
  one,
  unbroken,
  worst,
} from '../case.ts';
import { roles, worstRoles } from './roles.ts';
import { acme, copied, here, worstApp, worstCopied, worstHere } from './shared.ts';

const token = {
  id: 't1',
  name: 'Deployment',
  hint: 'x7Qa',
  role: 'Reader',
  uses: 3,
  maxUses: 10,
  expiresAt: ahead(7 * day),
};

const props = {
  app: acme,
  tokens: [token, { ...token, id: 't2', name: 'Edge nodes', uses: 1_200, maxUses: 5_000 }],
  roles,
  lifetimes: [hour, day, 7 * day],
  idempotencyKey: 'key',
  values: { role: 'Reader', uses: '1', lifetime: String(7 * day) },
};

const curl = 'curl -s https://login.acme.com/connect/register -H "Authorization: Bearer writ_ia_x"';

const hostileToken = { ...token, name: `${hostile} ${unbroken}`, role: unbroken };

export const registrationCases: Case[] = [
  everyday('app-registration', (brand) => appRegistration(frame(brand, here), props)),
  one('app-registration-empty', (brand) =>
    appRegistration(frame(brand, here), {
      ...props,
      tokens: [],
      problems: { name: 'Enter a name.', uses: 'Must be a whole number.' },
    }),
  ),
  one('app-registration-extreme', (brand) =>
    appRegistration(frame(worst(brand), worstHere), {
      ...props,
      app: worstApp,
      roles: worstRoles,
      tokens: [hostileToken],
      problem: `${hostile} ${unbroken}`,
    }),
  ),
  everyday('app-registration-created', (brand) =>
    initialTokenCreated(frame(brand, copied), { app: acme, token, value: 'writ_ia_x', curl }),
  ),
  one('app-registration-created-extreme', (brand) =>
    initialTokenCreated(frame(worst(brand), worstCopied), {
      app: worstApp,
      token: hostileToken,
      value: unbroken,
      curl: unbroken,
    }),
  ),
];
