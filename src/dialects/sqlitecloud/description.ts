import type { DialectDescription } from '../framework/dialect.ts';
import { sqlitecloudFeatures } from './features.ts';
import { sqlitecloudRoutes } from './routes.ts';

/** What is known of the dialect without a server. */
export const sqlitecloud: DialectDescription = {
  name: 'sqlitecloud',
  title: 'SQLite Cloud',
  resource: {
    identifier: 'https://sqlitecloud.io',
    name: 'SQLite Cloud',
    scopes: [],
    tokenFormat: 'opaque',
    signingAlg: 'RS256',
    accessTokenTtl: null,
    isDefault: false,
    appPolicy: null,
  },
  routes: sqlitecloudRoutes,
  features: sqlitecloudFeatures,
  moving: { set: '', point: '', differs: '' },
};
