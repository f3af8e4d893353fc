import { dialectResources } from '../../../config/dialects.ts';
import { personalTokenTtl } from '../../../config/tokens.ts';
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
    personalPolicy: {
      longest_ttl: personalTokenTtl.max,
      // What creates credentials is given to an app by a person who consents, and never to a token that is kept in a file.
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
    set: `\`DIALECTS=speckle\`. The API that holds the streams introspects tokens as a client with \`--resource-server-for ${dialectResources.speckle}\`, for which [the guard](guard.md) is enough, and hands \`POST /graphql\` on to Writ where the document asks about tokens.`,
    point:
      'Writ’s address as the server, or that of the API that hands on: `SpeckleClient(host=…).authenticate_with_token(…)`. People create their tokens at `/account/tokens`, where they choose *Speckle*; programs with a token of an app that has `tokens:write` call `apiTokenCreate`.',
    differs: [
      'Tokens are `writ_pat_…`, letters, digits and underscores only; existing tokens must be created again. The id of a token is ten characters that are not its first ones, and `lastChars` has four: revoke a token by its value or by the id in the list.',
      'A token expires after 366 days at the latest, also where `lifespan` is longer or absent, unless an administrator allows more (`--personal-tokens-longest-ttl`). `extensions.writ` of the answer says what was cut, which unknown scopes were left out, and which name a second token of one name got.',
      'No personal access token has `tokens:write` or `apps:write`: the latter registers apps with secrets (`withheld_scopes` of the resource).',
      '`lifespan` and `limitResources` hold at every API: as `exp` and `authorization_details`. A token that is limited to projects creates only tokens that are, and neither lists nor ends other tokens, or anything of apps. An embed token can ask only for `project` and `serverInfo`.',
      'Expired and revoked tokens get the same `403` as there. Tokens are read from `Authorization`, not from the cookie `authn`; `?embedToken=` accepts only embed tokens.',
      'Writ knows neither projects nor streams. An embed token belongs to the person who created it; only that person can list and revoke it. `user { streams }` is answered with an error that says where to ask.',
      '`activeUser`, `otherUser` and `serverInfo` have what Writ knows. Documents have a limit of depth, and a request has one of cost, and ten documents at most.',
      '`appTokenCreate` is not there: an app gets its tokens when a person allows it.',
      'Apps of third parties: an administrator registers a confidential client with the resource, one redirect URI and its scopes with `offline_access`, or a person does with `appCreate`. The author reads the secret of such an app in `app { secret }` for ten minutes, and never afterwards.',
      'The challenge is compared as it is, always together with the secret of the app; at `/connect/authorize` PKCE with S256 is still required. The response mode `access_code` of `/connect/authorize` is for confidential clients of the resource with a secret.',
      'A client can repeat a request to `/auth/token` within 30 seconds, so it can retry after a lost response. A code or a refresh token that is used again later ends the login, because the value may have been copied.',
      'A refresh token of an app that a person registered lives six months, and each refresh replaces it.',
      'The secret of an app is given to the token of a login with `apps:write`, and to no personal access token. Only its author changes an app here; administrators use `/api/v1/clients`, and what one of them has changed its author no longer changes, but can delete. A stranger sees neither the author of an app nor the path of its redirect URL.',
      '`/auth/accesscode` takes the token of a login with `tokens:write` at a client that an administrator registered, never that of an app of a third party. It gives an app no scope that this login does not have, `openid` and `offline_access` included. The app is disconnected when the person chose that the login ends, or with the token where the login has no `offline_access`. The person gets a mail.',
      '`appUpdate` revokes the tokens only where scopes or the redirect URL change.',
      'While the account of an author is disabled, so are the apps. What enables the account enables those again that no administrator has disabled.',
      'The built-in apps of the desktop connectors are not there: their secret is their id, so anyone who sees a code could redeem it.',
    ],
  },
};
