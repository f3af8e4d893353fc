import type { DialectDescription } from '../framework/dialect.ts';
import { bloqFeatures } from './features.ts';
import { bloqRoutes } from './routes.ts';

/** What is known of the dialect without a server. */
export const bloq: DialectDescription = {
  name: 'bloq',
  title: 'Bloq',
  resource: {
    identifier: 'https://api.bloq.cloud',
    name: 'Bloq',
    scopes: [],
    tokenFormat: 'opaque',
    signingAlg: 'RS256',
    accessTokenTtl: null,
    isDefault: false,
    appPolicy: null,
  },
  routes: bloqRoutes,
  features: bloqFeatures,
  moving: { set: '', point: '', differs: '' },
};
