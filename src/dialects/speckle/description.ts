import { dialectResources } from '../../../config/dialects.ts';
import type { DialectDescription } from '../framework/dialect.ts';
import { speckleFeatures } from './features.ts';
import { speckleRoutes } from './routes.ts';
import { speckleScopes } from './scopes.ts';

/** What is known of the dialect without a server. */
export const speckle: DialectDescription = {
  name: 'speckle',
  title: 'Speckle',
  resource: {
    identifier: dialectResources.speckle,
    name: 'Speckle',
    scopes: [...speckleScopes],
    tokenFormat: 'opaque',
    signingAlg: 'RS256',
    accessTokenTtl: null,
    isDefault: false,
    appPolicy: null,
  },
  routes: speckleRoutes,
  features: speckleFeatures,
  moving: {
    set: `\`DIALECTS=speckle\`. The API that holds the streams introspects tokens as a client with \`--resource-server-for ${dialectResources.speckle}\`.`,
    point: 'Writ’s address as the server of the client.',
    differs: 'Tokens are `writ_pat_…`, letters, digits and underscores only.',
  },
};
