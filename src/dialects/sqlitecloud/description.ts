import { dialectResources } from '../../../config/dialects.ts';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { DialectDescription } from '../framework/dialect.ts';
import { sqlitecloudFeatures } from './features.ts';
import { sqlitecloudRoutes } from './routes.ts';

/** What is known of the dialect without a server. */
export const sqlitecloud: DialectDescription = {
  name: 'sqlitecloud',
  title: 'SQLite Cloud',
  resource: {
    identifier: dialectResources.sqlitecloud,
    name: 'SQLite Cloud',
    scopes: [],
    tokenFormat: 'opaque',
    signingAlg: 'RS256',
    accessTokenTtl: null,
    isDefault: false,
    // A project is an app here, whose developers take an API key from its page. `expiresAt: null` means never.
    appPolicy: {
      token_formats: ['opaque'],
      longest_access_token_ttl: lifetimes.accessToken,
      longest_api_token_ttl: null,
    },
  },
  routes: sqlitecloudRoutes,
  features: sqlitecloudFeatures,
  moving: {
    set: '`DIALECTS=sqlitecloud`, and an [API key](sqlitecloud.md#api-keys) of a client that may have the resource `https://sqlitecloud.io`: every client of an app may, others with `writ clients update CLIENT --add resource=https://sqlitecloud.io`. Your SQL endpoint calls [introspection](sqlitecloud.md#row-level-policies) as a client with `--resource-server-for https://sqlitecloud.io`.',
    point:
      'Writ’s address in place of `https://<your-project-url>`, with the API key in place of yours: `POST /v2/tokens` and the rest of the Access Tokens API are there, with CORS. SQL stays where your data is.',
    differs: [
      'Tokens are `writ_tk_…`, letters, digits and underscores only, where they were `13|sqa_…`. Clients treat them as opaque; existing tokens must be created again.',
      'An API key expires after 90 days unless it is created with another expiry.',
      'Attributes come back as an object, however they were sent. Lists have an `accessTokenId`, by which a token can be inspected, changed and revoked without its value.',
      'The drivers’ own protocol and `POST /v2/weblite/sql` need a database, so they are not part of Writ; [an example](../examples/google-login) shows the second. [All differences](sqlitecloud.md#differences).',
    ],
  },
};
