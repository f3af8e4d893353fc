import type { DialectDescription } from '../framework/dialect.ts';
import { datasetteFeatures } from './features.ts';
import { datasetteResource, datasetteTokenTtl, unrestrictedScope } from './resource.ts';
import { datasetteRoutes } from './routes.ts';
import { detailTypes } from './scopes.ts';
import { describeDetails } from './sentences.ts';

/** What is known of the dialect without a server. */
export const datasette: DialectDescription = {
  name: 'datasette',
  title: 'Datasette',
  resource: {
    identifier: datasetteResource,
    name: 'Datasette',
    scopes: [{ name: unrestrictedScope, description: 'Do everything that you may do yourself' }],
    tokenFormat: 'opaque',
    signingAlg: 'ES256',
    accessTokenTtl: datasetteTokenTtl,
    isDefault: false,
    appPolicy: null,
    detailsTypes: detailTypes.map((type) => ({
      type,
      description: {
        datasette_instance: 'Actions everywhere',
        datasette_database: 'Actions in a database: its name, percent-encoded',
        datasette_table: 'Actions on a table: database/table, each percent-encoded',
      }[type],
      // Plugins have actions of their own.
      actions: [],
    })),
  },
  routes: datasetteRoutes,
  features: datasetteFeatures,
  describeDetail: (detail) => describeDetails([detail]).join('; '),
  moving: {
    set: `\`DIALECTS=datasette\`. Your Datasette introspects tokens as a client with \`--resource-server-for ${datasetteResource}\`.`,
    point: '`dclient login https://writ.example/`.',
    differs: 'Tokens are listed, can be revoked, and are introspected.',
  },
};
