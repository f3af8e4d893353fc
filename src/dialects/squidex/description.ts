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
    set: '`DIALECTS=squidex`. Create an app at `/apps`, and give its clients their roles: `default` starts as a Reader. For your API, create a client with `writ clients create NAME --resource-server-for scp:squidex-api`.',
    point:
      'Writ’s address, as the `url` of the SDKs, of `sq config add` and of the .NET client. Your API checks tokens with [the guard](guard.md) (`resource: scp:squidex-api`) or by introspection.',
    differs: [
      'A secret is shown once, when it is created; in lists it is an empty text, since Writ keeps digests only.',
      'An unknown client gets the same answer as a wrong secret.',
      'Tokens can be revoked, and also carry `roles`, `entitlements` and `epochs`. The scopes `permissions` and `roles` are accepted and change nothing.',
      '`/identity-server/connect/logout` redirects to the account page, where a person signs out.',
      '`POST /api/apps` also answers with the first client, whose secret would otherwise be lost.',
      'The implicit flow is not supported (RFC 9700 §2.1.2).',
    ],
  },
};
