import type { DialectDescription } from '../framework/dialect.ts';
import { squidexFeatures } from './features.ts';
import { squidexResource, squidexScope, squidexTokenTtl } from './resource.ts';
import { squidexRoutes } from './routes.ts';

/** What is known of the dialect without a server. */
export const squidex: DialectDescription = {
  name: 'squidex',
  title: 'Squidex',
  resource: {
    identifier: squidexResource,
    name: 'Squidex API',
    scopes: [{ name: squidexScope, description: 'Use the API as your role in the app permits' }],
    tokenFormat: 'jwt',
    signingAlg: 'RS256',
    accessTokenTtl: squidexTokenTtl,
    isDefault: false,
    appPolicy: { token_formats: ['jwt', 'opaque'], longest_access_token_ttl: squidexTokenTtl },
  },
  routes: squidexRoutes,
  features: squidexFeatures,
  moving: {
    set: '`DIALECTS=squidex`. Create an app, and give its clients their roles: `default` begins as a Reader.',
    point:
      'The `url` of the SDKs, of `sq config add` and of the .NET client at the address of Writ. APIs let requests in by the guard (`docs/guard.md`), or ask about tokens at introspection.',
    differs:
      'A secret is shown once, when it is created; lists have it as an empty text, since Writ keeps digests. An unknown client is answered as a wrong secret is. Tokens can be revoked and say `roles`, `entitlements` and `epochs` besides. Scopes `permissions` and `roles` are taken and change nothing. `/connect/logout` leads to the account page, where a person signs out. `POST /api/apps` answers with the first client, so that its secret is not lost. The implicit flow is not there (RFC 9700 §2.1.2).',
  },
};
