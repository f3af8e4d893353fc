import { dialectResources } from '../../../config/dialects.ts';
import { personalTokenTtl } from '../../../config/tokens.ts';
import type { DialectDescription } from '../framework/dialect.ts';
import { speckleFeatures } from './features.ts';
import { speckleRoutes } from './routes.ts';
import { speckleScopes } from './scopes.ts';

/** The static description of the dialect. */
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
    personalPolicy: {
      longest_ttl: personalTokenTtl.max,
      // Scopes that create credentials are only granted to apps with consent, never to tokens that are stored in files.
      withheld_scopes: ['tokens:write', 'apps:write'],
    },
    detailsTypes: [
      { type: 'project', description: 'A project', actions: [] },
      { type: 'workspace', description: 'A workspace', actions: [] },
    ],
  },
  routes: speckleRoutes,
  features: speckleFeatures,
  moving: {
    set: `\`DIALECTS=speckle\`. The API that stores the streams introspects tokens as a client with \`--resource-server-for ${dialectResources.speckle}\`, which [the guard](guard.md) can do, and forwards \`POST /graphql\` to Writ if the document queries tokens.`,
    point:
      'Writ’s URL as the server, or that of the API that forwards to it: `SpeckleClient(host=…).authenticate_with_token(…)`. People create their tokens at `/account/tokens` and choose *Speckle* there; programs with the token of an app that has `tokens:write` call `apiTokenCreate`.',
    differs: [
      'Tokens have the form `writ_pat_…`, with letters, digits and underscores only; existing tokens must be created again. The id of a token has ten characters that are not the first of its value, and `lastChars` has four: revoke a token by its value or by the id in the list.',
      'A token expires after at most 366 days, even if `lifespan` is longer or absent, unless an administrator allows more (`--personal-tokens-longest-ttl`). `extensions.writ` of the response reports a reduced lifespan, unknown scopes that were dropped, and the new name of a token whose name was taken.',
      'No personal access token has `tokens:write` or `apps:write`: the latter can register apps with secrets (`withheld_scopes` of the resource).',
      '`lifespan` and `limitResources` apply at every API, as `exp` and `authorization_details`. A token that is limited to projects can only create tokens with these limits; it cannot list or revoke other tokens, or access apps. An embed token can query only `project` and `serverInfo`.',
      'Expired and revoked tokens get `403`, as in Speckle. Tokens are read from `Authorization`, not from the cookie `authn`; `?embedToken=` accepts only embed tokens.',
      'Writ knows neither projects nor streams. An embed token belongs to the person who created it; only that person can list and revoke it. `user { streams }` returns an error that names the API to query.',
      '`activeUser`, `otherUser` and `serverInfo` contain what Writ knows. The depth of a document and the cost of a request are limited, and a request can have at most ten documents.',
      '`appTokenCreate` does not exist: an app gets its tokens when a person allows access.',
      'Third-party apps: an administrator registers a confidential client with the resource, one redirect URI and its scopes with `offline_access`, or a person does so with `appCreate`. The author can read the secret of such an app in `app { secret }` for ten minutes.',
      'The challenge is compared unchanged, always together with the secret of the app; `/connect/authorize` still requires PKCE with S256. The response mode `access_code` of `/connect/authorize` is for confidential clients of the resource with a secret.',
      'A client can repeat a request to `/auth/token` within 30 seconds, so it can retry after a lost response. If a code or a refresh token is used again later, the login is revoked, because the value may have been copied.',
      'A refresh token of an app that a person registered expires after six months, and each refresh replaces it.',
      'Only the token of a login with `apps:write` can read the secret of an app, not a personal access token. Only the author can change an app here; administrators use `/api/v1/clients`, and after one of them has changed an app, its author can only delete it. Anonymous callers see neither the author of an app nor the path of its redirect URL.',
      '`/auth/accesscode` accepts the token of a login with `tokens:write` at a client that an administrator registered, never that of a third-party app. The app gets only scopes that this login has, including `openid` and `offline_access`. Its access expires with the login that the person chose, or with the token if the login has no `offline_access`. The person gets an email.',
      '`appUpdate` revokes the tokens only if the scopes or the redirect URL change.',
      'While the account of an author is disabled, so are the author’s apps. Enabling the account enables those that no administrator has disabled.',
      'The built-in apps of the desktop connectors do not exist: their secret is their id, so anyone who sees a code could redeem it.',
    ],
  },
};
