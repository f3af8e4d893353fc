import { bloqLoginClientId } from '../../../config/clients.ts';
import type { DialectDescription } from '../framework/dialect.ts';
import { accountTokenTtl, bloqResource, clientTokenTtl } from './constants.ts';
import { bloqFeatures } from './features.ts';
import { bloqRoutes } from './routes.ts';

/** What is known of the dialect without a server. */
export const bloq: DialectDescription = {
  name: 'bloq',
  title: 'Bloq',
  resource: {
    identifier: bloqResource,
    name: 'Bloq Nodes and Connect',
    scopes: [],
    tokenFormat: 'jwt',
    // The services behind it read JWTs with older libraries, all of which know this one.
    signingAlg: 'RS256',
    accessTokenTtl: clientTokenTtl.access,
    isDefault: false,
    appPolicy: null,
  },
  client: {
    clientId: bloqLoginClientId,
    name: 'Bloq command line',
    accessTokenTtl: accountTokenTtl,
  },
  routes: bloqRoutes,
  features: bloqFeatures,
  moving: {
    set: `\`DIALECTS=bloq\`, and an account with an e-mail address and a password for each person. The services behind Connect and Nodes introspect tokens as a client with \`--resource-server-for ${bloqResource}\`, or verify them by the JWK Set. They answer 401 with the body \`jwt expired\` to a token that is not active: the SDK then gets another.`,
    point:
      '`bcl conf services.prod.accounts.url https://writ.example`, and the SDK at `auth({ clientId, clientSecret, url })`. People run `bcl client-keys create` once more: the old keys are known to Bloq only.',
    differs: [
      'The refresh token is opaque (`writ_rt_…`), so that no service that verifies JWTs offline accepts a token of one year as an access token. No client of Bloq reads it. It can be revoked: at `/connect/revocation` by its client keys, or with every token of the keys at `/account/devices`; an access token that it was exchanged for lasts its hour unless the keys or their tokens are ended.',
      'An account token creates client keys for all of its twelve hours, as `bcl` needs it, where Writ’s pages ask for a sign-in of the last hour before they show a credential.',
      'A changed password ends all other account tokens, and signing out everywhere ends them all. A revoked token is refused as `jwt expired` too.',
      '`verifiedAt` is when the account was created, and there is no billing address. `bcl signup`, `bcl verify` and the Nodes service are not part of Writ: see the features.',
    ],
  },
};
