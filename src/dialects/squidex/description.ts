import type { DialectDescription } from '../framework/dialect.ts';
import { squidexFeatures } from './features.ts';
import { squidexResource, squidexScope, squidexTokenTtl } from './resource.ts';
import { squidexRoutes } from './routes.ts';

/** The static description of the dialect. */
export const squidex: DialectDescription = {
  name: 'squidex',
  title: 'Squidex',
  resource: {
    identifier: squidexResource,
    name: 'Squidex API',
    scopes: [
      {
        name: squidexScope,
        description: 'Use the API with the permissions of your role in the app',
      },
    ],
    tokenFormat: 'jwt',
    signingAlg: 'RS256',
    accessTokenTtl: squidexTokenTtl,
    isDefault: false,
    appPolicy: { token_formats: ['jwt', 'opaque'], longest_access_token_ttl: squidexTokenTtl },
  },
  routes: squidexRoutes,
  features: squidexFeatures,
  moving: {
    set: '`DIALECTS=squidex`. Create an app at `/apps` and give its clients roles; `default` starts as a Reader. For your API, create a client with `writ clients create NAME --resource-server-for scp:squidex-api`.',
    point:
      'Writ’s URL, as the `url` of the SDKs, of `sq config add` and of the .NET client. Your API verifies tokens with [the guard](guard.md) (`resource: scp:squidex-api`) or by introspection.',
    differs: [
      'A secret is shown once, when it is created. In lists it is an empty string, because Writ stores only digests.',
      'An unknown client gets the same answer as a wrong secret.',
      'Tokens can be revoked, and also contain `roles`, `entitlements` and `epochs`. The scopes `permissions` and `roles` are accepted but have no effect.',
      '`/identity-server/connect/logout` redirects to the account page, where a person signs out.',
      '`POST /api/apps` also returns the first client, whose secret would otherwise be lost.',
      'The implicit flow is not supported (RFC 9700 §2.1.2).',
    ],
  },
};
