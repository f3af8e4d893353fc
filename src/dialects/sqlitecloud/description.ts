import { dialectResources } from '../../../config/dialects.ts';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { DialectDescription } from '../framework/dialect.ts';
import { sqlitecloudFeatures } from './features.ts';
import { sqlitecloudRoutes } from './routes.ts';

/** The static description of the dialect. */
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
    // A project is an app in Writ, whose developers create an API key on its page. `expiresAt: null` means never.
    appPolicy: {
      token_formats: ['opaque'],
      longest_access_token_ttl: lifetimes.accessToken,
      longest_api_token_ttl: null,
    },
  },
  routes: sqlitecloudRoutes,
  features: sqlitecloudFeatures,
  moving: {
    set: '`DIALECTS=sqlitecloud`, and an [API key](sqlitecloud.md#api-keys) of a client that has the resource `https://sqlitecloud.io`: every client of an app has it, others get it with `writ clients update CLIENT --add resource=https://sqlitecloud.io`. Your SQL endpoint calls [introspection](sqlitecloud.md#row-level-policies) as a client with `--resource-server-for https://sqlitecloud.io`.',
    point:
      'Writ’s URL in place of `https://<your-project-url>`, and Writ’s API key in place of yours: `POST /v2/tokens` and the rest of the Access Tokens API are available, with CORS. SQL stays where your data is.',
    differs: [
      'Tokens have the form `writ_tk_…`, with letters, digits and underscores only, instead of `13|sqa_…`. Clients treat them as opaque; existing tokens must be created again.',
      'An API key expires after 90 days unless it is created with another expiry.',
      'Attributes are always returned as an object. Lists contain an `accessTokenId`, with which a token can be inspected, changed and revoked without its value.',
      'The drivers’ own protocol and `POST /v2/weblite/sql` need a database, so they are not part of Writ; [an example](../examples/google-login) shows the second. [All differences](sqlitecloud.md#differences).',
    ],
  },
};
