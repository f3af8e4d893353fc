import type { DialectDescription } from '../framework/dialect.ts';
import { squidexFeatures } from './features.ts';
import { squidexRoutes } from './routes.ts';

/** What is known of the dialect without a server. */
export const squidex: DialectDescription = {
  name: 'squidex',
  title: 'Squidex',
  resource: {
    identifier: 'scp:squidex-api',
    name: 'Squidex',
    scopes: [],
    tokenFormat: 'opaque',
    signingAlg: 'RS256',
    accessTokenTtl: null,
    isDefault: false,
    appPolicy: null,
  },
  routes: squidexRoutes,
  features: squidexFeatures,
  moving: { set: '', point: '', differs: '' },
};
