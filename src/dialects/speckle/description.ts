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
    differs:
      'Tokens are `writ_pat_…`, letters, digits and underscores only; existing ones must be created again. The id of a token is ten characters that are not the first of the token, and `lastChars` has four: revoke by the token or by the id of the list. A token ends after 366 days at the latest, also where `lifespan` is longer or absent, unless an administrator allows more (`--personal-tokens-longest-ttl`); `extensions.writ` of the answer says what was cut, which scopes nothing knows and were left out, and which name a second token of one name got. No personal access token has `apps:write` either, since it registers apps with secrets (`withheld_scopes` of the resource). `lifespan` and `limitResources` hold at every API: as `exp` and `authorization_details`. A token that is limited to projects creates only tokens that are. Expired and revoked tokens get the same `403` as there. Tokens are read from `Authorization`, not from the cookie `authn`; `?embedToken=` takes the tokens of embeds alone. Writ knows neither projects nor streams: a token of an embed belongs to who created it, who alone lists and revokes it, and `user { streams }` is answered with an error that says where to ask. `activeUser`, `otherUser` and `serverInfo` have what Writ knows; documents have limits of depth and cost, and a request has ten documents at most. Apps of third parties: an administrator registers a confidential client with the resource, one redirect URI and its scopes with `offline_access`, or a person does with `appCreate`; the secret of such an app is in `app { secret }` of its author for ten minutes, and nowhere afterwards. The challenge is compared as it is, always together with the secret of the app; at `/connect/authorize` PKCE with S256 is what it was. A lost answer to `/auth/token` is given again for 30 seconds; a code or a refresh token that comes later once more ends the login, as somebody has a copy. A refresh token of an app that a person registered lives six months and is replaced by each refresh. `/auth/accesscode` takes the token of a login with `tokens:write`, and gives no app a scope that this token does not have. `appUpdate` ends the tokens only where scopes or redirect URL change. The built-in apps of the desktop connectors are not there: their secret is their id, so that anyone who sees a code could redeem it.',
  },
};
