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
    differs:
      'Tokens are `writ_pat_…`, letters, digits and underscores only. Apps of third parties: an administrator registers a confidential client with the resource, one redirect URI and its scopes with `offline_access`, or a person does with `appCreate`; the secret of such an app is in `app { secret }` of its author for ten minutes, and nowhere afterwards. The challenge is compared as it is, always together with the secret of the app; at `/connect/authorize` PKCE with S256 is what it was. A lost answer to `/auth/token` is given again for 30 seconds; a code or a refresh token that comes later once more ends the login, as somebody has a copy. A refresh token of an app that a person registered lives six months and is replaced by each refresh. `/auth/accesscode` takes the token of a login with `tokens:write`, and gives no app a scope that this token does not have. `appUpdate` ends the tokens only where scopes or redirect URL change. The built-in apps of the desktop connectors are not there: their secret is their id, so that anyone who sees a code could redeem it.',
  },
};
